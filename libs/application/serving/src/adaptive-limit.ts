/** What a limit is set by. */
export interface AdaptiveLimitOptions {
  /** The limit is never above it. */
  readonly max: number;
  /** The limit does not fall below it, unless it is above the maximum. */
  readonly min: number;
  /** Latencies up to here, in milliseconds, are never held against the load. */
  readonly tolerableMs: number;
}

/** By how much latency may exceed that of an unloaded model before the limit falls. */
const TOLERANCE = 2;
const SMALLEST_GRADIENT = 0.5;
/** Share of a new estimate in the limit. */
const SMOOTHING = 0.2;
/** Share of a new latency in the baseline; one that is lower counts at once. */
const BASELINE_DRIFT = 0.00001;

/**
 * How many requests may be in work, found by the gradient of their latency: as long as latency stays near that of an unloaded model the
 * limit grows by its root, and when latency grows the limit falls in proportion. It settles where a queue begins to form, whatever the
 * model's speed.
 *
 * @see Netflix's concurrency-limits, Gradient2Limit, for the rule; the baseline here is a low watermark instead of an average, so that a
 *   long overload does not become the measure of itself.
 */
export class AdaptiveLimit {
  #options: AdaptiveLimitOptions;
  #limit: number;
  #baselineMs = Number.POSITIVE_INFINITY;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = options.max;
  }

  /** A whole number from 1 to the maximum. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  configure(options: AdaptiveLimitOptions): void {
    this.#options = options;
    this.#limit = Math.min(Math.max(this.#limit, options.min), options.max);
  }

  /**
   * Takes a finished request into account.
   *
   * @param inWork requests in work when it ended, itself included: a limit that was not used says nothing.
   */
  record(latencyMs: number, inWork: number): void {
    const { max, min, tolerableMs } = this.#options;
    this.#baselineMs = Math.min(latencyMs, this.#baselineMs * (1 + BASELINE_DRIFT));
    const allowedMs = Math.max(this.#baselineMs * TOLERANCE, tolerableMs);
    const gradient = Math.max(SMALLEST_GRADIENT, Math.min(1, allowedMs / latencyMs));
    if (gradient === 1 && inWork * 2 < this.#limit) return;
    const estimate = this.#limit * gradient + Math.sqrt(this.#limit);
    // One step for each request in work is one for each turn of the queue: the same pace for fast models and slow ones.
    const next = this.#limit + ((estimate - this.#limit) * SMOOTHING) / Math.max(1, inWork);
    this.#limit = Math.min(max, Math.max(min, next));
  }
}
