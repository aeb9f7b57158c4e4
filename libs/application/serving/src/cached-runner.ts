import { type CacheOptions, ownedTensor } from '#domain/inference';
import { callKey, type Fingerprint, identityOf } from './call-key.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import { ResponseCache } from './response-cache.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import { SharedRuns } from './shared-runs.ts';
import type { Timing } from './timing.ts';

/** What a cache did so far; Triton's `cache_hit` and `cache_miss` have a count and a time each. */
export interface CacheStatistics {
  readonly hits: number;
  /** Milliseconds that looking up took, over all hits. */
  readonly hitMs: number;
  /** Calls whose answer was not there; {@link shared} ones included. */
  readonly misses: number;
  /** Milliseconds that looking up took, over all misses. */
  readonly missMs: number;
  /** Misses that were answered by the run of an equal call in flight. */
  readonly shared: number;
  readonly entryCount: number;
  readonly sizeBytes: number;
  readonly evictions: number;
}

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
  readonly #totals = { hits: 0, hitMs: 0, misses: 0, missMs: 0 };
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

  get statistics(): CacheStatistics {
    const { entryCount, sizeBytes, evictions } = this.#cache;
    return { ...this.#totals, shared: this.#sharedRuns.followers, entryCount, sizeBytes, evictions };
  }

  async run(call: InferenceCall): Promise<InferenceRun> {
    if (call.sequence !== undefined) return this.#inner.run(call);
    const startedMs = this.#timing.monotonicMs();
    const key = callKey(this.#identity, call, this.#fingerprint);
    const outputs = this.#cache.get(key);
    const tookMs = this.#timing.monotonicMs() - startedMs;
    if (outputs !== undefined) {
      this.#totals.hits += 1;
      this.#totals.hitMs += tookMs;
      return { outputs, batchSize: 0, queueMs: 0, runMs: 0 };
    }
    this.#totals.misses += 1;
    this.#totals.missMs += tookMs;
    return this.#sharedRuns.join(key, call, () => this.#runAndKeep(key, call));
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
