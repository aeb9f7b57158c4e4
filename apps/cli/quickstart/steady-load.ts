/** What became of the requests of a steady load. */
export interface LoadTotals {
  readonly sent: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Answered by stable because the candidate failed on them. */
  readonly fallbacks: number;
  /** The first failure in words. */
  readonly firstFailure: string | undefined;
}

/** What one request came back with. */
export interface LoadAnswer {
  readonly isFallback: boolean;
}

/**
 * Sends requests at a fixed rate, whether or not earlier ones have been answered (an open loop), so that a slow server is
 * seen as slow instead of being asked less.
 */
export class SteadyLoad {
  readonly #send: (index: number) => Promise<LoadAnswer>;
  readonly #requestsPerSecond: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #totals = { sent: 0, succeeded: 0, failed: 0, fallbacks: 0, firstFailure: undefined as string | undefined };
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;

  constructor(requestsPerSecond: number, send: (index: number) => Promise<LoadAnswer>) {
    this.#requestsPerSecond = requestsPerSecond;
    this.#send = send;
  }

  get totals(): LoadTotals {
    return { ...this.#totals };
  }

  start(): void {
    this.#startedAtMs = performance.now();
    // Timers have a grain of a millisecond or more; each tick sends as many as are due by now.
    this.#timer = setInterval(() => this.#sendDue(), 5);
  }

  /** Stops sending and waits for the answers that are still out. */
  async stop(): Promise<LoadTotals> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
    return this.totals;
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#startedAtMs) / 1000) * this.#requestsPerSecond;
    while (this.#totals.sent < due) {
      const request = this.#sendOne(this.#totals.sent);
      this.#totals.sent += 1;
      this.#inFlight.add(request);
      void request.finally(() => this.#inFlight.delete(request));
    }
  }

  async #sendOne(index: number): Promise<void> {
    try {
      const answer = await this.#send(index);
      this.#totals.succeeded += 1;
      if (answer.isFallback) this.#totals.fallbacks += 1;
    } catch (error) {
      this.#totals.failed += 1;
      this.#totals.firstFailure ??= error instanceof Error ? error.message : String(error);
    }
  }
}
