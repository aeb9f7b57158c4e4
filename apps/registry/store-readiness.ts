import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '#application/registry';
import { DomainError } from '#domain/errors';

const WITHIN_MS = 2000;

/** Whether the object store answers, told within a time that those who ask wait for. */
export class StoreReadiness {
  readonly #store: ObjectStore;
  readonly #withinMs: number;
  /** One question is enough for all who ask at once. */
  #asking: Promise<void> | undefined;

  constructor(store: ObjectStore, withinMs = WITHIN_MS) {
    this.#store = store;
    this.#withinMs = withinMs;
  }

  /** @throws STORE_UNAVAILABLE */
  async assert(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const late = new AbortController();
    try {
      await Promise.race([this.#asking, this.#tooLate(late.signal)]);
    } finally {
      late.abort();
    }
  }

  async #ask(): Promise<void> {
    await this.#store.head('probes/ready');
  }

  async #tooLate(signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#withinMs, undefined, { signal });
    } catch {
      return;
    }
    throw new DomainError('STORE_UNAVAILABLE', `the object store has not answered within ${this.#withinMs} ms`);
  }
}
