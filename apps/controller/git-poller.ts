import type { Logger } from '#adapters/telemetry';
import type { Reconciler } from '#application/rollout';

/** The first pause after a look that failed; it doubles with each further one, up to the usual pace. */
const RETRY_FIRST_MS = 1000;

/** Looks at Git at a steady pace, at once when told that there is something new, and soon again when a look failed. */
export class GitPoller {
  readonly #reconciler: Reconciler;
  readonly #intervalMs: number;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAgainWanted = false;
  #hasPolled = false;
  #failures = 0;
  #isStopped = false;

  constructor(reconciler: Reconciler, intervalSeconds: number, logger: Logger) {
    this.#reconciler = reconciler;
    this.#intervalMs = intervalSeconds * 1000;
    this.#logger = logger;
  }

  /** Whether Git was read at least once since the start. */
  get hasPolled(): boolean {
    return this.#hasPolled;
  }

  start(): void {
    this.pollNow();
  }

  /** Polls at once; a call during a poll makes another one follow, because that poll may have looked too early. */
  pollNow(): void {
    if (this.#isStopped) return;
    if (this.#running !== undefined) {
      this.#isAgainWanted = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#poll().finally(() => this.#planNext());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #poll(): Promise<void> {
    try {
      await this.#reconciler.poll();
      this.#hasPolled = true;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#logger.warn({ err: error }, 'the repository cannot be read; what was read last stays in force');
    }
  }

  #planNext(): void {
    this.#running = undefined;
    if (this.#isStopped) return;
    if (this.#isAgainWanted) {
      this.#isAgainWanted = false;
      this.pollNow();
      return;
    }
    // Controllers that were started together must not all ask the Git server at the same moment.
    const jitter = 0.9 + Math.random() * 0.2;
    this.#timer = setTimeout(() => this.pollNow(), this.#pauseMs * jitter);
    this.#timer.unref();
  }

  get #pauseMs(): number {
    if (this.#failures === 0) return this.#intervalMs;
    return Math.min(this.#intervalMs, RETRY_FIRST_MS * 2 ** (this.#failures - 1));
  }
}
