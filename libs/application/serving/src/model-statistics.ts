/** How often something happened, and how long it took altogether. */
export interface DurationStatistic {
  readonly count: number;
  /** Nanoseconds; beyond 2^53, which is a hundred days, the last digits are lost. */
  readonly ns: number;
}

/** Runs of one batch size. */
export interface BatchStatistics {
  readonly batchSize: number;
  readonly computeInput: DurationStatistic;
  readonly computeInfer: DurationStatistic;
  readonly computeOutput: DurationStatistic;
}

/**
 * What happened on one version since the gateway started.
 *
 * @see Triton's statistics extension, whose words these are
 */
export interface VersionStatistics {
  /** Milliseconds since 1970; 0 before the first. */
  readonly lastInferenceMs: number;
  /** Rows that were inferred with success: a request with a batch of 64 counts 64. */
  readonly inferenceCount: number;
  /** Runs of the model that succeeded; fewer than requests when these are put together. */
  readonly executionCount: number;
  readonly success: DurationStatistic;
  readonly fail: DurationStatistic;
  readonly queue: DurationStatistic;
  readonly computeInput: DurationStatistic;
  readonly computeInfer: DurationStatistic;
  readonly computeOutput: DurationStatistic;
  readonly cacheHit: DurationStatistic;
  readonly cacheMiss: DurationStatistic;
  /** By size, rising. */
  readonly batches: readonly BatchStatistics[];
}

/** One request that ended on a version. */
export interface CountedInference {
  readonly modelName: string;
  readonly version: number;
  /** From the decoded request to the outputs. */
  readonly tookNs: number;
  /** `undefined` when it failed. */
  readonly run: CountedRun | undefined;
}

/** How an answered request was run. */
export interface CountedRun {
  /** Rows of the request; 0 when it was answered without a run, which has no stages then. */
  readonly rows: number;
  readonly queueNs: number;
  readonly computeInputNs: number;
  readonly runNs: number;
  readonly computeOutputNs: number;
  /** `undefined` where no answers are kept. */
  readonly cacheLookup: { readonly isHit: boolean; readonly tookNs: number } | undefined;
}

/** One run of a model that succeeded, for one request or several. */
export interface CountedExecution {
  readonly modelName: string;
  readonly version: number;
  /** Rows of all its requests. */
  readonly batchSize: number;
  readonly computeInputNs: number;
  readonly runNs: number;
  readonly computeOutputNs: number;
}

/** Where clients choose the batch, its sizes could be without number: those beyond are counted, and not listed. */
const MAX_BATCH_SIZES = 256;

/** Statistics of every version that this gateway ran. Counting is part of the hot path: two look-ups and some additions. */
export class ModelStatistics {
  readonly #nowMs: () => number;
  readonly #models = new Map<string, Map<number, Counters>>();

  /** @param nowMs milliseconds since 1970. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  countInference({ modelName, version, tookNs, run }: CountedInference): void {
    const counters = this.#countersOf(modelName, version);
    if (run === undefined) {
      counters.fail.add(tookNs);
      return;
    }
    counters.lastInferenceMs = this.#nowMs();
    counters.inferenceCount += run.rows;
    counters.success.add(tookNs);
    if (run.cacheLookup !== undefined) {
      const { isHit, tookNs: lookupNs } = run.cacheLookup;
      (isHit ? counters.cacheHit : counters.cacheMiss).add(lookupNs);
    }
    if (run.rows === 0) return;
    counters.queue.add(run.queueNs);
    counters.computeInput.add(run.computeInputNs);
    counters.computeInfer.add(run.runNs);
    counters.computeOutput.add(run.computeOutputNs);
  }

  countExecution({ modelName, version, batchSize, computeInputNs, runNs, computeOutputNs }: CountedExecution): void {
    const counters = this.#countersOf(modelName, version);
    counters.executionCount += 1;
    let batch = counters.batches.get(batchSize);
    if (batch === undefined) {
      if (counters.batches.size >= MAX_BATCH_SIZES) return;
      batch = { computeInput: new Total(), computeInfer: new Total(), computeOutput: new Total() };
      counters.batches.set(batchSize, batch);
    }
    batch.computeInput.add(computeInputNs);
    batch.computeInfer.add(runNs);
    batch.computeOutput.add(computeOutputNs);
  }

  /** The statistics of a version, as they are now; all zeros when it was never run. */
  of(modelName: string, version: number): VersionStatistics {
    const counters = this.#models.get(modelName)?.get(version) ?? new Counters();
    const { lastInferenceMs, inferenceCount, executionCount, batches, ...totals } = counters;
    const sizes = [...batches].sort(([one], [other]) => one - other);
    return {
      lastInferenceMs,
      inferenceCount,
      executionCount,
      ...copied(totals),
      batches: sizes.map(([batchSize, durations]) => ({ batchSize, ...copied(durations) })),
    };
  }

  #countersOf(modelName: string, version: number): Counters {
    let versions = this.#models.get(modelName);
    if (versions === undefined) {
      versions = new Map();
      this.#models.set(modelName, versions);
    }
    let counters = versions.get(version);
    if (counters === undefined) {
      counters = new Counters();
      versions.set(version, counters);
    }
    return counters;
  }
}

class Total {
  count = 0;
  ns = 0;

  add(ns: number): void {
    this.count += 1;
    this.ns += ns;
  }
}

class Counters {
  lastInferenceMs = 0;
  inferenceCount = 0;
  executionCount = 0;
  readonly success = new Total();
  readonly fail = new Total();
  readonly queue = new Total();
  readonly computeInput = new Total();
  readonly computeInfer = new Total();
  readonly computeOutput = new Total();
  readonly cacheHit = new Total();
  readonly cacheMiss = new Total();
  readonly batches = new Map<number, { computeInput: Total; computeInfer: Total; computeOutput: Total }>();
}

function copied<Name extends string>(totals: Readonly<Record<Name, Total>>): Record<Name, DurationStatistic> {
  const entries = Object.entries<Total>(totals).map(([name, { count, ns }]) => [name, { count, ns }]);
  return Object.fromEntries(entries) as Record<Name, DurationStatistic>;
}
