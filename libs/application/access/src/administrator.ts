import { ACTION_NAMES, type Principal, type Rule } from '#domain/access';
import { DomainError } from '#domain/errors';
import { type ApiKeyRecord, apiKeyIdIn } from './api-key.ts';

/** What names of ours begin with; no token and no certificate can bring such a one. */
export const RESERVED_PREFIX = 'slipway:';
const ADMINISTRATOR = `${RESERVED_PREFIX}administrator`;

/** Lets whoever has the administrator's key do everything, whatever policies say: for the first policies, and for the last resort. */
export const ADMINISTRATOR_RULE: Rule = {
  id: 'built-in: administrator',
  effect: 'allow',
  subjects: [{ kind: 'workload', name: ADMINISTRATOR }],
  actions: ACTION_NAMES,
  where: [],
  when: [],
};

/**
 * The administrator's key as it is compared.
 *
 * @throws INPUT_INVALID when the text is no API key.
 */
export function administratorKey(key: string, sha256: (text: string) => string): ApiKeyRecord {
  const id = apiKeyIdIn(key);
  if (id === undefined) {
    const form = 'slipway_, 16 characters of 0-9a-z, _, and 43 of base64url';
    throw new DomainError('INPUT_INVALID', `the administrator's key is no API key: it must be ${form}`);
  }
  return {
    id,
    sha256: sha256(key),
    description: 'the administrator',
    owner: { kind: 'workload', id: ADMINISTRATOR, groups: [], attributes: {} },
    actions: ACTION_NAMES,
    createdAt: '1970-01-01T00:00:00.000Z',
    createdBy: ADMINISTRATOR,
    expiresAt: '9999-12-31T23:59:59.999Z',
  };
}

export function isAdministrator({ kind, id }: Principal): boolean {
  return kind === 'workload' && id === ADMINISTRATOR;
}
