import type { DeploymentStatus } from '#generated/deployment-status';

/** Requests per second of the two versions. */
export interface Rates {
  readonly candidate: number;
  readonly stable: number;
}

interface Sample extends Rates {
  readonly atMs: number;
}

/** Time that a rate is taken over. */
const WINDOW_MS = 3000;
/** Shorter than this, a rate would jump. */
const LEAST_MS = 500;

/** Makes rates from the totals of a rollout as they are seen. */
export class RequestRates {
  #rolloutId: string | undefined;
  #samples: Sample[] = [];

  /** Takes in what the totals are at a time. */
  add({ candidate }: DeploymentStatus, atMs: number): void {
    if (candidate?.traffic === undefined) {
      this.#samples = [];
      return;
    }
    if (candidate.rolloutId !== this.#rolloutId) this.#samples = [];
    this.#rolloutId = candidate.rolloutId;
    const { traffic } = candidate;
    this.#samples.push({ atMs, candidate: traffic.candidate.requests, stable: traffic.stable.requests });
  }

  /** The rates over the last seconds; `undefined` while too little was seen. */
  at(nowMs: number): Rates | undefined {
    const newest = this.#samples.at(-1);
    if (newest === undefined) return undefined;
    // The totals stayed as they are since the newest sample: one sample before the window says what they were at its beginning.
    const begin = this.#samples.findLastIndex(({ atMs }) => atMs <= nowMs - WINDOW_MS);
    if (begin > 0) this.#samples.splice(0, begin);
    const [first = newest] = this.#samples;
    const seconds = Math.min(WINDOW_MS, nowMs - first.atMs) / 1000;
    if (seconds * 1000 < LEAST_MS) return undefined;
    const rate = (which: keyof Rates) => Math.max(0, newest[which] - first[which]) / seconds;
    return { candidate: rate('candidate'), stable: rate('stable') };
  }
}
