/**
 * What a candidate answered, and when: all that the rules of others see of a rollout. Times are milliseconds since it got its share of
 * the traffic, ascending.
 */
export interface CandidateStream {
  readonly successesMs: ArrayLike<number>;
  readonly errorsMs: ArrayLike<number>;
}

/** How many of ascending times are not after a moment. */
export function countUntil(timesMs: ArrayLike<number>, atMs: number): number {
  let [from, to] = [0, timesMs.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((timesMs[middle] ?? 0) <= atMs) from = middle + 1;
    else to = middle;
  }
  return from;
}
