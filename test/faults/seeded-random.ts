import { seededNumbers } from '#testing';

/** Randomness that is the same in every run. */
export function seededRandom(seed: number) {
  /** At least 0, below 1. */
  const random = seededNumbers(seed);
  /** A whole number from 0 to below `bound`. */
  const count = (bound: number) => Math.floor(random() * bound);
  const pick = <T>(values: readonly T[]): T => values[count(values.length)] as T;
  return { random, count, pick };
}
