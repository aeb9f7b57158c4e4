import type { Scheduler } from './scheduler.ts';

/** What tasks are run with. */
export interface RetriedTasksParts {
  readonly scheduler: Scheduler;
  /** Told of failures: they are retried, and must not go unseen. */
  readonly onFailure: (what: string, error: unknown) => void;
  /** Called when a task is done: there may be something to decide. */
  readonly onDone: () => void;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

/** Tasks on what is outside, each repeated with growing pauses until it is done, one at a time of each name. */
export class RetriedTasks {
  readonly #parts: RetriedTasksParts;
  readonly #running = new Set<string>();
  /** What began before the last end goes on without effect. */
  #era = 0;

  constructor(parts: RetriedTasksParts) {
    this.#parts = parts;
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  /**
   * Runs a task until it answers true; does nothing while one of the name runs.
   *
   * @param maxDelayMs between two attempts.
   */
  run(name: string, task: () => Promise<boolean>, maxDelayMs = RETRY_MAX_MS): void {
    if (this.#running.has(name)) return;
    this.#running.add(name);
    this.#attempt(name, task, maxDelayMs, RETRY_FIRST_MS);
  }

  /** Runs a task once, later; does nothing while one of the name waits. */
  later(name: string, delayMs: number, task: () => void): void {
    if (this.#running.has(name)) return;
    this.#running.add(name);
    const era = this.#era;
    this.#parts.scheduler.after(delayMs, () => {
      if (era !== this.#era) return;
      this.#running.delete(name);
      task();
    });
  }

  /** Forgets all: what runs is not repeated, and nothing follows from it. */
  end(): void {
    this.#era += 1;
    this.#running.clear();
  }

  #attempt(name: string, task: () => Promise<boolean>, maxDelayMs: number, delayMs: number): void {
    const era = this.#era;
    const again = () => {
      this.#parts.scheduler.after(delayMs, () => {
        if (era === this.#era) this.#attempt(name, task, maxDelayMs, Math.min(delayMs * 2, maxDelayMs));
      });
    };
    void task().then(
      (isDone) => {
        if (era !== this.#era) return;
        if (!isDone) return again();
        this.#running.delete(name);
        this.#parts.onDone();
      },
      (error: unknown) => {
        if (era !== this.#era) return;
        this.#parts.onFailure(name, error);
        again();
      },
    );
  }
}
