/** A request that waits. */
interface Waiter {
  readonly settle: (error: Error | undefined) => void;
}

/** Requests that wait until their version is in memory again, each for as long as it can. */
export class WakeQueue {
  readonly #after: (delayMs: number, task: () => void) => () => void;
  readonly #waiters = new Set<Waiter>();

  /** @param after runs a task once, later; answers how to call it off. */
  constructor(after: (delayMs: number, task: () => void) => () => void) {
    this.#after = after;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Waits; throws what {@link settle} is given, or what `timeUp` makes when the time is up. */
  wait(withinMs: number, timeUp: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#after(withinMs, () => {
        this.#waiters.delete(waiter);
        reject(timeUp());
      });
      const waiter: Waiter = {
        settle: (error) => {
          cancel();
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** Lets everybody go on; with an error they fail. */
  settle(error?: Error): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.settle(error);
  }
}
