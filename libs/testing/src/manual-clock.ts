/** A clock that stands still until a test moves it, with the timers that wait for it. */
export class ManualClock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly task: () => void }>();

  readonly nowMs = (): number => this.#nowMs;

  /** As a port's `after`: runs a task once, when the clock was moved that far; answers how to call it off. */
  readonly after = (delayMs: number, task: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Timers that are set and not called off. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Moves on, running what comes due in its order; what the tasks promised is settled before this answers. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((left, right) => left.atMs - right.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }
}

/** Waits until every promise that can settle without the outside has. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
