/** A request that fell into a bucket, to be looked at as a trace. */
export interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** Seconds since 1970. */
  readonly atSeconds: number;
}

/**
 * Counts values in buckets. Counting allocates nothing and looks nothing up, which is what makes it fit for the way of every request;
 * a client library's histogram finds its labels first, and that is most of its time.
 */
export class BucketHistogram {
  /** Upper bounds, rising; the bucket of the rest comes behind them. */
  readonly bounds: readonly number[];
  readonly #counts: Float64Array;
  readonly #exemplars: (Exemplar | undefined)[] = [];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a value. @param traceId of a request that is traced, if it is: shown beside the bucket. */
  observe(value: number, traceId?: string): void {
    const { bounds } = this;
    let bucket = 0;
    // There are few buckets, and values lie in the lower ones.
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
    if (traceId !== undefined) this.#exemplars[bucket] = { traceId, value, atSeconds: Date.now() / 1000 };
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((total, count) => total + count, 0);
  }

  /** Values up to each bound, and all of them last: Prometheus's buckets hold what is below them too. */
  get cumulative(): readonly number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => {
      total += count;
      return total;
    });
  }

  /** The latest traced value of a bucket. @param bucket its place; the last one is that of the rest. */
  exemplarOf(bucket: number): Exemplar | undefined {
    return this.#exemplars[bucket];
  }
}
