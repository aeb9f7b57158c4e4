import type { ApiKeyRecord, PublishedPolicies } from '#application/access';
import { decodeDocument, encodeDocument, invalidDocument } from './json-document.ts';

const POLICIES_SCHEMA = 'slipway.dev/v1/Policies';
const KEYS_SCHEMA = 'slipway.dev/v1/ApiKeys';

/** Policies with the epoch of the controller that published them. */
export interface StoredPolicies extends PublishedPolicies {
  readonly epoch: number;
}

export function encodePolicies(policies: StoredPolicies): Uint8Array {
  return encodeDocument({ schema: POLICIES_SCHEMA, ...policies });
}

/** @throws RECORD_INVALID */
export function decodePolicies(bytes: Uint8Array): StoredPolicies {
  const { revision, epoch, files } = decodeDocument(bytes, POLICIES_SCHEMA) as Partial<StoredPolicies>;
  const isWhole =
    typeof revision === 'string' &&
    Number.isSafeInteger(epoch) &&
    Array.isArray(files) &&
    files.every(({ path, text }) => typeof path === 'string' && typeof text === 'string');
  if (!isWhole || epoch === undefined) throw invalidDocument(POLICIES_SCHEMA);
  return { revision, epoch, files };
}

export function encodeKeys(keys: readonly ApiKeyRecord[]): Uint8Array {
  return encodeDocument({ schema: KEYS_SCHEMA, keys });
}

/** @throws RECORD_INVALID */
export function decodeKeys(bytes: Uint8Array): readonly ApiKeyRecord[] {
  const { keys } = decodeDocument(bytes, KEYS_SCHEMA) as { readonly keys?: readonly ApiKeyRecord[] };
  if (Array.isArray(keys) && keys.every(isKey)) return keys;
  throw invalidDocument(KEYS_SCHEMA);
}

/** A key without its end would never expire, and one without its owner's kind would be anybody's. */
function isKey(key: Partial<ApiKeyRecord> | null): boolean {
  return (
    typeof key?.id === 'string' &&
    /^[0-9a-f]{64}$/.test(key.sha256 ?? '') &&
    (key.owner?.kind === 'user' || key.owner?.kind === 'workload') &&
    typeof key.owner.id === 'string' &&
    Array.isArray(key.owner.groups) &&
    Array.isArray(key.actions) &&
    (key.namespaces === undefined || Array.isArray(key.namespaces)) &&
    !Number.isNaN(Date.parse(key.expiresAt ?? ''))
  );
}
