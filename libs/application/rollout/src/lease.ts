/** Who acts, as the object store has it. */
export interface Lease {
  /** The controller, the same across its restarts. */
  readonly holder: string;
  /** The process of it that took the lease: a restarted controller is not the one that it was. */
  readonly process: string;
  /** Grows with every takeover; what an earlier term writes is told by it. */
  readonly epoch: number;
  /** ISO 8601, by the holder's clock. For people: nobody decides by it. */
  readonly renewedAt: string;
  /** How long the record must stay as it is for others to take it. 0: the holder has let go of it. */
  readonly ttlMs: number;
  /** Where gateways attach to the holder, as `host:port`. */
  readonly address: string;
  /** Where people reach it. */
  readonly url: string;
}

/** A lease with the tag that the next write of it must name. */
export interface TaggedLease {
  readonly lease: Lease;
  readonly etag: string;
}

/** The one lease that controllers of a bucket share, moved by compare-and-swap. */
export interface LeaseStore {
  /** @throws STORE_UNAVAILABLE */
  read(): Promise<TaggedLease | undefined>;

  /**
   * Writes the lease in the place of the one with the tag, or the first one without.
   *
   * @returns the new tag.
   * @throws PRECONDITION_FAILED when somebody else wrote it in the meantime; STORE_UNAVAILABLE when nobody knows whether it is written.
   */
  write(lease: Lease, etag: string | undefined): Promise<string>;
}
