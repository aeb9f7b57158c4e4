import type { AuditEntry, ChainLink } from '#domain/audit';

/** Where the batches of a chain lie. */
export interface BatchStore {
  /** Such as `audit/`. */
  readonly prefix: string;

  keyOf(sequence: number): string;
  /** `undefined` when there is no such batch. @throws STORE_UNAVAILABLE */
  read(sequence: number): Promise<Uint8Array | undefined>;
  /** @throws STORE_UNAVAILABLE */
  has(sequence: number): Promise<boolean>;
  /** Writes a batch unless the place is taken; answers whether it did. @throws STORE_UNAVAILABLE; the outcome is then unknown. */
  create(sequence: number, bytes: Uint8Array): Promise<boolean>;
  /** Everything below the prefix, ascending. A key of another form has no sequence. @throws STORE_UNAVAILABLE */
  list(): AsyncIterable<{ readonly key: string; readonly sequence: number | undefined }>;
}

/** An entry with where it stands. */
export interface ListedEntry extends AuditEntry {
  /** The batch. */
  readonly key: string;
  /** Such as `registry`. */
  readonly program: string;
  /** Unique to the process that wrote it. */
  readonly process: string;
}

/** What a batch says. */
export interface ReadBatch extends ChainLink {
  /** No entry of it, nor of any batch before, is newer. ISO 8601, UTC. */
  readonly at: string;
  /** In their order. */
  readonly entries: readonly ListedEntry[];
}

/** A chain of batches: one that can be verified, and searched. */
export interface AuditChain {
  readonly store: BatchStore;
  /** Whether all of its batches name the one before; otherwise those from some batch on. */
  readonly isChainedFromTheFirst: boolean;
  /** @throws RECORD_INVALID */
  decode(bytes: Uint8Array, key: string): ReadBatch;
}
