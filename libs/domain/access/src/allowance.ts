/** So much in each period, and at most so much at once; what was used comes back evenly. */
export interface Allowance {
  readonly count: number;
  readonly periodMs: number;
}

/** What became of an attempt to use some of an allowance. */
export type Spending =
  | { readonly kind: 'spent'; readonly fullAtMs: number }
  /** Nothing was used; it would go after a while. */
  | { readonly kind: 'exceeded'; readonly waitMs: number };

/**
 * Uses some of an allowance, by the generic cell rate algorithm: its whole state is the time at which it will be full again.
 *
 * What costs more than the whole allowance goes when that is full, and the next ones wait the longer.
 *
 * @param fullAtMs of the state before; anything in the past is full.
 * @param nowMs by a clock that does not jump.
 * @see ITU-T Recommendation I.371, annex A
 */
export function spend({ count, periodMs }: Allowance, fullAtMs: number, nowMs: number, cost: number): Spending {
  const msEach = periodMs / count;
  const usedMs = Math.max(0, fullAtMs - nowMs);
  const waitMs = usedMs + Math.min(cost, count) * msEach - periodMs;
  // Less than a millionth of one is how numbers round.
  if (waitMs > msEach * 1e-6) return { kind: 'exceeded', waitMs };
  return { kind: 'spent', fullAtMs: Math.max(fullAtMs, nowMs) + cost * msEach };
}
