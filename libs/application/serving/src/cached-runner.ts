import { type CacheOptions, ownedTensor } from '#domain/inference';
import { callKey, type Fingerprint, identityOf } from './call-key.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import { ResponseCache } from './response-cache.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import { SharedRuns } from './shared-runs.ts';
import type { Timing } from './timing.ts';

/** What a cache holds, and has let go. */
export interface CacheProfile {
  readonly entryCount: number;
  readonly sizeBytes: number;
  /** Answers that went to make room. */
  readonly evictions: number;
}

const NO_RUN = { rows: 0, batchSize: 0, queueMs: 0, runMs: 0 } as const;

/**
 * Answers calls that were answered before from memory, and equal calls in flight by one run. For models whose outputs follow from
 * their inputs; a call in a sequence is passed on.
 */
export class CachedRunner implements InferenceRunner {
  readonly #inner: InferenceRunner;
  readonly #identity: string;
  readonly #fingerprint: Fingerprint;
  readonly #timing: Timing;
  readonly #cache: ResponseCache;
  readonly #sharedRuns: SharedRuns;
  #isClosed = false;

  constructor(
    inner: InferenceRunner,
    served: ServedVersion,
    options: CacheOptions,
    { fingerprint, timing }: { readonly fingerprint: Fingerprint; readonly timing: Timing },
  ) {
    this.#inner = inner;
    this.#identity = identityOf(served);
    this.#fingerprint = fingerprint;
    this.#timing = timing;
    this.#cache = new ResponseCache(options, timing.monotonicMs);
    this.#sharedRuns = new SharedRuns(timing);
  }

  get profile(): CacheProfile {
    const { entryCount, sizeBytes, evictions } = this.#cache;
    return { entryCount, sizeBytes, evictions };
  }

  async run(call: InferenceCall): Promise<InferenceRun> {
    if (call.sequence !== undefined) return this.#inner.run(call);
    const startedMs = this.#timing.monotonicMs();
    const key = callKey(this.#identity, call, this.#fingerprint);
    const outputs = this.#cache.get(key);
    const tookMs = this.#timing.monotonicMs() - startedMs;
    if (outputs !== undefined) return { ...NO_RUN, outputs, cacheLookup: { isHit: true, tookMs } };
    const run = await this.#sharedRuns.join(key, call, () => this.#runAndKeep(key, call));
    return { ...run, cacheLookup: { isHit: run.batchSize === 0, tookMs } };
  }

  /** Forgets every answer, and keeps none from now on. */
  close(): void {
    this.#isClosed = true;
    this.#cache.clear();
  }

  async #runAndKeep(key: string, call: InferenceCall): Promise<InferenceRun> {
    const run = await this.#inner.run(call);
    // One copy for the cache and every follower: what the runner answered may be a view over memory that it uses again.
    const outputs = run.outputs.map(ownedTensor);
    if (!this.#isClosed) this.#cache.set(key, outputs);
    return { ...run, outputs };
  }
}
