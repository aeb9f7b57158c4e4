import type { ControllerClient } from '#adapters/controller-client';
import type { DeploymentStatus } from '#generated/deployment-status';

const DEADLINE_MS = 180_000;

/** Follows the state of one deployment. */
export class StatusWatch {
  readonly #ending = new AbortController();
  readonly #waiting = new Set<(status: DeploymentStatus) => void>();
  readonly #ended: Promise<void>;
  #last: DeploymentStatus | undefined;
  #failure: unknown;

  constructor(controller: ControllerClient, deployment: string) {
    this.#ended = this.#follow(controller.watch('default', deployment, this.#ending.signal));
  }

  /**
   * @param read answers what was waited for, and `undefined` while it is not there; it may throw where it never will be.
   * @throws Error with the last state when time is up.
   */
  until<T>(what: string, read: (status: DeploymentStatus) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        done();
      };
      const look = (status: DeploymentStatus) => {
        try {
          const found = read(status);
          if (found !== undefined) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error as Error));
        }
      };
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`${what}: not within ${DEADLINE_MS / 1000} s; ${this.#describe()}`)));
      }, DEADLINE_MS);
      this.#waiting.add(look);
      if (this.#last !== undefined) look(this.#last);
    });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }

  #describe(): string {
    if (this.#failure !== undefined) return `it cannot be followed: ${this.#failure}`;
    const { message, candidate, lastRollout, events } = this.#last ?? {};
    return `the last state: ${JSON.stringify({ message, candidate, lastRollout, events: events?.slice(-5) })}`;
  }

  async #follow(states: AsyncIterable<DeploymentStatus>): Promise<void> {
    try {
      for await (const status of states) {
        this.#last = status;
        for (const look of [...this.#waiting]) look(status);
      }
    } catch (error) {
      this.#failure = error;
    }
  }
}
