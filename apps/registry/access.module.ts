import { createHash, randomBytes, randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { FileAccessMemory, ObjectStoreAccessSource, ObjectStoreKeys } from '#adapters/access-store';
import { compilePolicies } from '#adapters/casl';
import { YamlPolicyParser } from '#adapters/json-schema';
import type { Logger } from '#adapters/telemetry';
import { JoseTokenVerifier, readIssuersFile } from '#adapters/token-issuers';
import { type Access, type AccessEvents, composeAccess, ManageKeys } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { resourceInWords } from '#domain/access';
import type { RegistryConfig } from './config.ts';

/** Access, and the API keys that people make. */
export interface RegistryAccess extends Access {
  readonly keys: ManageKeys;
}

const nowMs = () => Date.now();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** @throws INPUT_INVALID when the issuers or the administrator's key cannot be read. */
export async function createAccess(
  config: RegistryConfig,
  store: ObjectStore,
  logger: Logger,
): Promise<RegistryAccess> {
  const issuers = config.tokenIssuers === undefined ? [] : await readIssuersFile(config.tokenIssuers);
  const onFailure = (issuer: string, error: unknown) =>
    logger.warn({ err: error, issuer }, 'the keys of a token issuer cannot be fetched');
  const access = composeAccess({
    isOpen: config.access === 'open',
    adminKey: config.adminKey,
    compile: compilePolicies,
    parser: new YamlPolicyParser(),
    source: new ObjectStoreAccessSource(async () => store),
    memory: new FileAccessMemory(memoryPath(config)),
    tokens: issuers.length === 0 ? undefined : new JoseTokenVerifier(issuers, { nowMs, onFailure }),
    sha256,
    nowMs,
    events: eventsIn(logger),
  });
  const keys = new ManageKeys({
    store: new ObjectStoreKeys(store),
    rules: () => access.policies.rules,
    nowMs,
    newId: () => Array.from({ length: 16 }, () => randomInt(36).toString(36)).join(''),
    newSecret: () => randomBytes(32).toString('base64url'),
    sha256,
  });
  return { ...access, keys };
}

/** Beside the index, which is this process's own, too. */
function memoryPath({ index, storeDir }: RegistryConfig): string {
  return join(index === ':memory:' ? storeDir : dirname(index), 'registry-access.json');
}

function eventsIn(logger: Logger): AccessEvents {
  return {
    onDenied: ({ principal: { kind, id }, action, resource, field, ruleId }) =>
      logger.info({ principal: `${kind} ${id}`, action, resource: resourceInWords(resource), field, ruleId }, 'denied'),
    onRefused: (reason) => logger.info({ reason }, 'a credential was refused'),
    onPolicies: ({ inForce, refused }) => {
      if (refused === undefined) logger.info({ revision: inForce }, 'policies are in force');
      else logger.error({ ...refused, inForce }, 'policies cannot be taken; the last good ones stay in force');
    },
    onUnkept: (error) => logger.warn({ err: error }, 'the policies cannot be kept on this machine'),
  };
}
