import type { Digest } from '#domain/registry';

/** A SHA-256 computation over bytes that arrive in pieces. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Ends the computation. */
  digest(): Digest;
}

/** Starts a SHA-256 computation. */
export type NewDigest = () => RunningDigest;
