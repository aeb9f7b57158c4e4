import { DomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { NewDigest } from './hashing.ts';

/**
 * A blob's bytes as a stream that breaks before its end when they do not have their digest, so that nobody takes them for whole.
 * Holds back the last chunk until the digest is known.
 *
 * @throws ARTIFACT_CORRUPT out of the iteration.
 */
export async function* verifiedBytes(
  digest: Digest,
  bytes: AsyncIterable<Uint8Array>,
  newDigest: NewDigest,
): AsyncGenerator<Uint8Array> {
  const running = newDigest();
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    if (held !== undefined) yield held;
    running.update(chunk);
    held = chunk;
  }
  if (running.digest() !== digest) {
    throw new DomainError('ARTIFACT_CORRUPT', `the stored bytes of ${digest} no longer have their digest`);
  }
  if (held !== undefined) yield held;
}
