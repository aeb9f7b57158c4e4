import type { Scheduler } from './scheduler.ts';

/** What tasks are run with. */
export interface RetriedTasksParts {
  readonly scheduler: Scheduler;
  /** Told of failures: they are retried, and must not go unseen. */
  readonly onFailure: (what: string, error: unknown) => void;
  /** Called when a deployment's task is done: there may be something to decide for it. */
  readonly onDone: (deploymentKey: string) => void;
}

/** What is to be done for a deployment, whose key is part of the task's name. */
export interface DeploymentTask {
  readonly what: string;
  readonly deploymentKey: string;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

/** Tasks on what is outside, each repeated with growing pauses until it is done; one of a kind at a time for each deployment. */
export class RetriedTasks {
  readonly #parts: RetriedTasksParts;
  readonly #running = new Set<string>();
  /** What began before the last end goes on without effect. */
  #era = 0;

  constructor(parts: RetriedTasksParts) {
    this.#parts = parts;
  }

  isRunning(task: DeploymentTask): boolean {
    return this.#running.has(nameOf(task));
  }

  /**
   * Attempts a task until it answers true; does nothing while it runs already.
   *
   * @param maxDelayMs between two attempts.
   */
  run(task: DeploymentTask, attempt: () => Promise<boolean>, maxDelayMs = RETRY_MAX_MS): void {
    if (this.isRunning(task)) return;
    this.#running.add(nameOf(task));
    this.#attempt(task, attempt, maxDelayMs, RETRY_FIRST_MS);
  }

  /** Does something once, later; does nothing while the same waits already. */
  later(task: DeploymentTask, delayMs: number, act: () => void): void {
    if (this.isRunning(task)) return;
    this.#running.add(nameOf(task));
    const era = this.#era;
    this.#parts.scheduler.after(delayMs, () => {
      if (era !== this.#era) return;
      this.#running.delete(nameOf(task));
      act();
    });
  }

  /** Forgets all: what runs is not repeated, and nothing follows from it. */
  end(): void {
    this.#era += 1;
    this.#running.clear();
  }

  #attempt(task: DeploymentTask, attempt: () => Promise<boolean>, maxDelayMs: number, delayMs: number): void {
    const era = this.#era;
    const again = () => {
      this.#parts.scheduler.after(delayMs, () => {
        if (era === this.#era) this.#attempt(task, attempt, maxDelayMs, Math.min(delayMs * 2, maxDelayMs));
      });
    };
    void attempt().then(
      (isDone) => {
        if (era !== this.#era) return;
        if (!isDone) return again();
        this.#running.delete(nameOf(task));
        this.#parts.onDone(task.deploymentKey);
      },
      (error: unknown) => {
        if (era !== this.#era) return;
        this.#parts.onFailure(nameOf(task), error);
        again();
      },
    );
  }
}

function nameOf({ what, deploymentKey }: DeploymentTask): string {
  return `${what} ${deploymentKey}`;
}
