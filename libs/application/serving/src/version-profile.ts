import type { CacheProfile } from './cached-runner.ts';

/** How a version is run, for metadata and metrics. */
export interface VersionProfile {
  readonly intraOpThreads: number;
  /** Milliseconds of one run of a made-up row, when it was loaded. */
  readonly runMs: number;
  /** Runners that serve now. */
  readonly instances: number;
  /** Rows; 1 when calls do not share runs. */
  readonly maxBatchSize: number;
  /** Rising; none means any. */
  readonly preferredSizes: readonly number[];
  /** Calls that wait or run. */
  readonly callsInWork: number;
  /** Calls whose run has not begun. */
  readonly callsWaiting: number;
  /** Calls that may be in work now. */
  readonly limit: number;
  /** `undefined` where no answers are kept. */
  readonly cache: CacheProfile | undefined;
}
