import { DomainError } from '#domain/errors';

/**
 * Passes a stream through and throws at its end when it did not have exactly so many bytes, so that no store publishes a part.
 *
 * @throws SIZE_MISMATCH
 */
export async function* ofExactSize(
  stream: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  key: string,
): AsyncIterable<Uint8Array> {
  let received = 0;
  for await (const chunk of stream) {
    received += chunk.byteLength;
    if (received > sizeBytes) break;
    yield chunk;
  }
  if (received === sizeBytes) return;
  const got = received > sizeBytes ? `more than ${sizeBytes}` : String(received);
  throw new DomainError('SIZE_MISMATCH', `${key}: got ${got} bytes, expected ${sizeBytes}`);
}
