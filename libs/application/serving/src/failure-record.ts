import { isDomainError } from '#domain/errors';

const MAX_CORRUPT_PULLS = 3;
/** A version that loses its runner this often within the window is taken for broken. */
export const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;

/** What went wrong with a version lately: whether it is worth trying again soon, or broken. */
export class FailureRecord {
  readonly #nowMs: () => number;
  #losses: number[] = [];
  #corruptPulls = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Forgets the lost runners. */
  forgiveLosses(): void {
    this.#losses = [];
  }

  /** Counts a lost runner; answers whether there were too many. */
  countLoss(): boolean {
    const now = this.#nowMs();
    this.#losses = [...this.#losses.filter((at) => now - at < LOSS_WINDOW_MS), now];
    return this.#losses.length >= MAX_LOSSES;
  }

  /** Counts a failure to load; answers whether it says something about the outside, and nothing about the version. */
  isTransient(error: unknown): boolean {
    if (isDomainError(error, 'RUNNER_LOST')) return !this.countLoss();
    if (isDomainError(error, 'MEMORY_BUDGET_EXCEEDED')) return false;
    if (isDomainError(error, 'ARTIFACT_CORRUPT')) {
      // Bytes may be damaged on their way, too.
      this.#corruptPulls += 1;
      return this.#corruptPulls < MAX_CORRUPT_PULLS;
    }
    return isDomainError(error) && error.kind === 'unavailable';
  }
}
