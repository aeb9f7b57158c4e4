import type { CommitStatus, CommitStatusPublisher } from './commit-status.ts';
import type { Deployment } from './deployment.ts';
import { commitStatusesOf } from './deployment-commit-status.ts';
import type { Scheduler } from './scheduler.ts';

/** What the reporter takes from outside. */
export interface StatusReporterParts {
  readonly publisher: CommitStatusPublisher;
  readonly scheduler: Scheduler;
  /** Of the controller, as people reach it, without a slash at the end. */
  readonly publicUrl?: string | undefined;
  /** Told of failures that are retried, and of statuses that are given up. */
  readonly onFailure: (what: string, error: unknown) => void;
}

interface Waiting {
  readonly status: CommitStatus;
  readonly failures: number;
  readonly dueMs: number;
}

const CATCH_UP_MS = 3_600_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 300_000;
/** Some ten hours. */
const MAX_FAILURES = 120;
/** A forge that is away for long must not fill the memory: the oldest statuses are given up then. */
const MAX_WAITING = 10_000;
const MAX_REMEMBERED = 10_000;

/**
 * Publishes what becomes of commits, beside everything else: nothing waits for it. Of a commit and a context only the newest status is
 * published, one at a time, and what was published already is not again.
 */
export class StatusReporter {
  readonly #parts: StatusReporterParts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #underWay = new Set<string>();
  /** What was published last, so that changes of something else stay quiet. */
  readonly #published = new Map<string, string>();
  #callOff = () => {};
  #isStopped = false;

  constructor(parts: StatusReporterParts) {
    this.#parts = parts;
  }

  /** Takes note of a deployment that changed. */
  report(deployment: Deployment): void {
    for (const status of commitStatusesOf(deployment, this.#parts.publicUrl)) this.#want(status);
    this.#work();
  }

  /** After a restart: what changed within the last hour may not have been published, and publishing it again does no harm. */
  catchUp(deployments: readonly Deployment[]): void {
    const since = this.#parts.scheduler.nowMs() - CATCH_UP_MS;
    for (const deployment of deployments) {
      if ((deployment.entry.events.at(-1)?.atMs ?? 0) >= since) this.report(deployment);
    }
  }

  /** How many statuses are not published yet. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  stop(): void {
    this.#isStopped = true;
    this.#callOff();
  }

  #want(status: CommitStatus): void {
    const key = keyOf(status);
    const known = this.#waiting.get(key)?.status;
    if (known === undefined ? this.#published.get(key) === textOf(status) : textOf(known) === textOf(status)) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, { status, failures: 0, dueMs: this.#parts.scheduler.nowMs() });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
  }

  /** Starts what is due, as far as may be under way at once, and comes back for the rest. */
  #work(): void {
    if (this.#isStopped) return;
    this.#callOff();
    const now = this.#parts.scheduler.nowMs();
    let nextDueMs = Number.POSITIVE_INFINITY;
    for (const [key, waiting] of this.#waiting) {
      if (this.#underWay.size >= this.#parts.publisher.maxConcurrent) return;
      if (this.#underWay.has(key)) continue;
      if (waiting.dueMs <= now) void this.#publish(key, waiting);
      else nextDueMs = Math.min(nextDueMs, waiting.dueMs);
    }
    if (nextDueMs !== Number.POSITIVE_INFINITY) {
      this.#callOff = this.#parts.scheduler.after(nextDueMs - now, () => this.#work());
    }
  }

  async #publish(key: string, waiting: Waiting): Promise<void> {
    this.#underWay.add(key);
    try {
      await this.#parts.publisher.publish(waiting.status);
      this.#remember(key, waiting.status);
      // A newer status came meanwhile: it is published in its turn.
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    } catch (error) {
      this.#failed(key, waiting, error);
    } finally {
      this.#underWay.delete(key);
      this.#work();
    }
  }

  #failed(key: string, waiting: Waiting, error: unknown): void {
    this.#parts.onFailure(`publishing the status ${key}`, error);
    if (this.#waiting.get(key) !== waiting) return;
    const failures = waiting.failures + 1;
    this.#waiting.delete(key);
    if (failures >= MAX_FAILURES) return;
    const delayMs = Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
    this.#waiting.set(key, { ...waiting, failures, dueMs: this.#parts.scheduler.nowMs() + delayMs });
  }

  #remember(key: string, status: CommitStatus): void {
    this.#published.delete(key);
    this.#published.set(key, textOf(status));
    const [oldest] = this.#published.keys();
    if (this.#published.size > MAX_REMEMBERED && oldest !== undefined) this.#published.delete(oldest);
  }
}

function keyOf({ commit, context }: CommitStatus): string {
  return `${context} of ${commit}`;
}

function textOf({ state, description }: CommitStatus): string {
  return `${state} ${description}`;
}
