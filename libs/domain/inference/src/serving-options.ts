/** How requests share runs of a model. */
export interface BatchingOptions {
  /** Most rows of one run; 1 leaves each request a run of its own, `undefined` leaves the choice to the gateway. */
  readonly maxBatchSize: number | undefined;
  /** How long a request may wait for others; 0 takes what is there. */
  readonly maxDelayMs: number;
  /** Numbers of rows that the model runs best with, rising; none means any. */
  readonly preferredSizes: readonly number[];
}

/** Which answers are kept to be given again. */
export interface CacheOptions {
  readonly maxBytes: number;
  /** `undefined`: as long as there is room. */
  readonly ttlMs: number | undefined;
}

/** How the runs of a sequence hand on their state. */
export interface SequenceOptions {
  /** What a run gives out under `output`, the next one gets as `input`; the first one gets zeros. */
  readonly states: readonly { readonly output: string; readonly input: string }[];
  /** Input that is 1 in the first run and 0 in the others; `undefined` when the model has none. */
  readonly startInput: string | undefined;
  /** The same for the last run. */
  readonly endInput: string | undefined;
  readonly maxSequences: number;
  readonly maxIdleMs: number;
}

/** Which requests and answers are kept, and without which tensors. */
export interface PayloadLogOptions {
  /** Above 0, up to 100. */
  readonly samplePercent: number;
  readonly redact: readonly string[];
}

/** Plugins that requests and answers go through, by name, in their order. */
export interface ProcessingOptions {
  readonly preprocess: readonly string[];
  readonly postprocess: readonly string[];
}

/** How the versions of a deployment are run. */
export interface ServingOptions {
  /** Runner processes; `undefined` leaves the choice to the gateway. */
  readonly instances: number | undefined;
  /** Threads of one run; `undefined` leaves the choice to the gateway. */
  readonly intraOpThreads: number | undefined;
  readonly batching: BatchingOptions;
  /** `undefined`: no answers are kept. */
  readonly cache: CacheOptions | undefined;
  /** `undefined`: the model has no state. */
  readonly sequence: SequenceOptions | undefined;
  /** `undefined`: nothing is logged. */
  readonly payloadLog: PayloadLogOptions | undefined;
  /** Absent: requests and answers are the model's own. */
  readonly processing?: ProcessingOptions | undefined;
}

/** What a manifest that says nothing of it gets. */
export const DEFAULT_SERVING_OPTIONS: ServingOptions = {
  instances: undefined,
  intraOpThreads: undefined,
  batching: { maxBatchSize: undefined, maxDelayMs: 0, preferredSizes: [] },
  cache: undefined,
  sequence: undefined,
  payloadLog: undefined,
};
