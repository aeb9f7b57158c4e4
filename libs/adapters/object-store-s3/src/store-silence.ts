import { DomainError } from '#domain/errors';

/** A store that says nothing for so long is taken for gone; one that takes half as long for each answer is merely slow. */
export const SILENCE_MS = 10_000;
const PROBE_INTERVAL_MS = 1000;

/**
 * Knows whether the store speaks. What has been silent on every connection is asked by a probe alone from then on, so that nobody else
 * waits {@link SILENCE_MS} to learn what is known.
 */
export class StoreSilence {
  readonly #silenceMs: number;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #probing: NodeJS.Timeout | undefined;
  #probe: () => void = () => {};

  constructor(silenceMs = SILENCE_MS) {
    this.#silenceMs = silenceMs;
  }

  /** How long a request waits for a word. */
  get silenceMs(): number {
    return this.#silenceMs;
  }

  /** @param probe asks the store for anything; whether it answered is told by {@link heard}. */
  probeWith(probe: () => Promise<unknown>): void {
    this.#probe = () => void probe().catch(() => {});
  }

  /** The store answered something, be it an error. */
  heard(): void {
    this.#heardAtMs = performance.now();
    clearInterval(this.#probing);
    this.#probing = undefined;
  }

  /** A request waited in vain; answers whether others did, too. */
  met(): boolean {
    if (performance.now() - this.#heardAtMs < this.#silenceMs) return false;
    this.#probing ??= setInterval(this.#probe, PROBE_INTERVAL_MS).unref();
    return true;
  }

  /** @throws STORE_UNAVAILABLE while the store is silent. */
  assertSpeaking(): void {
    if (this.#probing === undefined) return;
    const seconds = this.#silenceMs / 1000;
    throw new DomainError('STORE_UNAVAILABLE', `the object store has answered nothing for more than ${seconds} s`);
  }
}
