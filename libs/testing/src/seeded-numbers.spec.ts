import { expect, it } from 'vitest';
import { seededNumbers } from './seeded-numbers.ts';

const first = (seed: number, count: number) => {
  const random = seededNumbers(seed);
  return Array.from({ length: count }, () => random());
};

it('gives the same numbers for a seed, and others for the next one', () => {
  expect(first(7, 5)).toEqual(first(7, 5));
  expect(first(8, 5)).not.toEqual(first(7, 5));
  // Beyond 32 bits, too.
  expect(first(7 + 2 ** 32, 5)).not.toEqual(first(7, 5));
});

it('is uniform, and neighbouring seeds have nothing to do with each other', () => {
  const count = 20_000;
  const [left, right] = [first(1, count), first(2, count)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(left)).toBeCloseTo(1 / 2, 2);
  expect(left.filter((value) => value < 0.01).length / count).toBeCloseTo(0.01, 2);
  const covariance = mean(left.map((value, index) => (value - 0.5) * ((right[index] ?? 0) - 0.5)));
  expect(Math.abs(covariance)).toBeLessThan(4 / 12 / Math.sqrt(count));
});
