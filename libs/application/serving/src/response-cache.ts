import type { CacheOptions, Tensor } from '#domain/inference';

/** What an entry and each of its tensors take beside their data: resident memory of 100,000 entries on Node 24.21, November 2026. */
const ENTRY_OVERHEAD_BYTES = 900;
const TENSOR_OVERHEAD_BYTES = 700;

interface Entry {
  readonly outputs: readonly Tensor[];
  readonly sizeBytes: number;
  readonly expiresAtMs: number;
}

/** The answers of one version by key, within a budget of bytes; what was used least recently goes first. */
export class ResponseCache {
  readonly #options: CacheOptions;
  readonly #nowMs: () => number;
  /** In the order of their last use, the most recent one last. */
  readonly #entries = new Map<string, Entry>();
  #sizeBytes = 0;
  #evictions = 0;

  /** @param nowMs monotonic milliseconds. */
  constructor(options: CacheOptions, nowMs: () => number) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  get entryCount(): number {
    return this.#entries.size;
  }

  /** What the entries take in memory, their overhead as estimated. Never more than the budget. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Answers that went to make room. */
  get evictions(): number {
    return this.#evictions;
  }

  /** The answer under a key; `undefined` when there is none, or none any more. The bytes stay the cache's: read only. */
  get(key: string): readonly Tensor[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#remove(key, entry);
    if (entry.expiresAtMs <= this.#nowMs()) return undefined;
    this.#add(key, entry);
    return entry.outputs;
  }

  /**
   * Keeps an answer, unless it alone is larger than the budget.
   *
   * @param outputs whose bytes are the cache's from now on: nobody changes them, and they are views over nothing larger.
   */
  set(key: string, outputs: readonly Tensor[]): void {
    const sizeBytes = sizeOf(key, outputs);
    if (sizeBytes > this.#options.maxBytes) return;
    const replaced = this.#entries.get(key);
    if (replaced !== undefined) this.#remove(key, replaced);
    this.#add(key, { outputs, sizeBytes, expiresAtMs: this.#nowMs() + (this.#options.ttlMs ?? Infinity) });
    this.#makeRoom();
  }

  clear(): void {
    this.#entries.clear();
    this.#sizeBytes = 0;
  }

  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#sizeBytes <= this.#options.maxBytes) return;
      this.#remove(key, entry);
      this.#evictions += 1;
    }
  }

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#sizeBytes += entry.sizeBytes;
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#sizeBytes -= entry.sizeBytes;
  }
}

function sizeOf(key: string, outputs: readonly Tensor[]): number {
  return outputs.reduce(
    (bytes, { data }) => bytes + TENSOR_OVERHEAD_BYTES + data.byteLength,
    ENTRY_OVERHEAD_BYTES + key.length,
  );
}
