import type { Logger } from '#adapters/telemetry';

const PAUSE_MS = 1000;

/** Logs connections that were refused: the first of each second with its reason, and how many others there were. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  add(from: string | undefined, reason: string): void {
    // Whoever only looks whether the port is open, as load balancers do.
    if (reason === 'ECONNRESET') return;
    const nowMs = this.#nowMs();
    if (nowMs - this.#lastMs < PAUSE_MS) {
      this.#untold += 1;
      return;
    }
    this.#logger.warn({ from, reason, othersSince: this.#untold }, 'a TLS connection was refused');
    this.#lastMs = nowMs;
    this.#untold = 0;
  }
}
