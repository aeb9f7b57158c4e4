/** Randomness that is the same in every run. */
export function seededRandom(seed: number) {
  let state = seed >>> 0;
  /** At least 0, below 1. */
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  /** A whole number from 0 to below `bound`. */
  const count = (bound: number) => Math.floor(random() * bound);
  const pick = <T>(values: readonly T[]): T => values[count(values.length)] as T;
  return { random, count, pick };
}
