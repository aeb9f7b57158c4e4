import type { ActionName, Principal } from '#domain/access';

/** Whose an API key is: what its bearer is taken for. */
export type KeyOwner = Pick<Principal, 'kind' | 'id' | 'groups' | 'attributes'>;

/** An API key as it is kept; the key itself is shown once and is nowhere. */
export interface ApiKeyRecord {
  readonly id: string;
  /** SHA-256 of the whole key, in hexadecimal. The key has 256 random bits, so that no slower hash is needed. */
  readonly sha256: string;
  readonly description: string;
  /** Groups and attributes are those that the owner had when the key was made. */
  readonly owner: KeyOwner;
  readonly actions: readonly ActionName[];
  /** Absent: every namespace. */
  readonly namespaces?: readonly string[];
  /** ISO 8601, UTC; so are the others. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
  readonly revokedBy?: string;
}

/** The API keys that there are, revoked ones included. */
export interface ApiKeyStore {
  /** All of them, with the tag that a change must name. @throws STORE_UNAVAILABLE, RECORD_INVALID */
  read(): Promise<{ readonly keys: readonly ApiKeyRecord[]; readonly etag: string | undefined }>;

  /**
   * Writes all of them in place of what has the tag.
   *
   * @param etag `undefined` when there were none.
   * @throws PRECONDITION_FAILED when somebody else wrote in between; STORE_UNAVAILABLE
   */
  write(keys: readonly ApiKeyRecord[], etag: string | undefined): Promise<void>;
}

const KEY_PATTERN = /^slipway_([0-9a-z]{16})_([A-Za-z0-9_-]{43})$/;

/** The whole key, of its id and its secret. Scanners for secrets find it by its beginning. */
export function formatApiKey(id: string, secret: string): string {
  return `slipway_${id}_${secret}`;
}

/** The id of a key; `undefined` when the text is none. */
export function apiKeyIdIn(text: string): string | undefined {
  return KEY_PATTERN.exec(text)?.[1];
}

/** The principal that a key stands for. */
export function keyPrincipal({ id, owner, actions, namespaces, expiresAt }: ApiKeyRecord): Principal {
  return {
    ...owner,
    credential: 'apiKey',
    validUntilMs: Date.parse(expiresAt),
    scope: { keyId: id, actions, ...(namespaces === undefined ? {} : { namespaces }) },
  };
}
