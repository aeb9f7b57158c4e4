import type { Digest } from '#domain/registry';

/** A SHA-256 computation over bytes that arrive in pieces. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Ends the computation. */
  digest(): Digest;
}

/** Starts a SHA-256 computation. */
export type NewDigest = () => RunningDigest;

/** Digest of a text's UTF-8 bytes. */
export function digestOfText(newDigest: NewDigest, text: string): Digest {
  const running = newDigest();
  running.update(new TextEncoder().encode(text));
  return running.digest();
}
