/** How a loaded version is run on this gateway. */
export interface ModelProfile {
  /** The most rows of one run; 0 when the first axis of the tensors is no batch axis, or requests are not put together. */
  readonly maxBatchSize: number;
  /** Runs of the version that go on at the same time, 1 or more. */
  readonly instances: number;
  /** Threads that one run uses, 1 or more. */
  readonly intraOpThreads: number;
  /** Batch sizes that run best, rising; empty when none is better than another. */
  readonly preferredBatchSizes: readonly number[];
}

/** A version of which nothing else is known: one request, one run. */
export const UNBATCHED_PROFILE: ModelProfile = {
  maxBatchSize: 0,
  instances: 1,
  intraOpThreads: 1,
  preferredBatchSizes: [],
};
