import { setTimeout as sleep } from 'node:timers/promises';

const MAX_TRIES = 3;
const FIRST_PAUSE_MS = 100;
/** Of all requests, so many may be repetitions: a store that fails altogether is not asked three times as much. */
const SHARE = 0.1;
/** Repetitions that may come at once after a quiet time. */
const MAX_CREDIT = 10;

/** Repeats requests that failed for the moment: up to three tries of one, and few of many. */
export class Repetition {
  #credit = MAX_CREDIT;

  /** Tries something again while that is worth it; what it threw last is passed on. */
  async run<T>(act: () => Promise<T>, isWorthIt: (error: unknown) => boolean): Promise<T> {
    this.begin();
    for (let tries = 1; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        if (!isWorthIt(error) || !(await this.grants(tries))) throw error;
      }
    }
  }

  /** Counts a request that is made for the first time. */
  begin(): void {
    this.#credit = Math.min(this.#credit + SHARE, MAX_CREDIT);
  }

  /** Answers, after a pause, whether there may be another try after so many. */
  async grants(tries: number): Promise<boolean> {
    if (tries >= MAX_TRIES || this.#credit < 1) return false;
    this.#credit -= 1;
    // Those that failed together do not come back together.
    await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random()));
    return true;
  }
}
