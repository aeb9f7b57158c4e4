import { DomainError } from '#domain/errors';

declare const brand: unique symbol;

/** The identity of a blob: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly [brand]: 'Digest' };

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Accepts `sha256:<hex>` and nothing else.
 *
 * @throws INPUT_INVALID for any other word.
 */
export function parseDigest(word: string, field = 'digest'): Digest {
  if (DIGEST.test(word)) return word as Digest;
  throw new DomainError('INPUT_INVALID', `${field} must be "sha256:" and 64 lower-case hexadecimal digits`, { field });
}

/** The hexadecimal part of a digest, as it stands in object keys. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
