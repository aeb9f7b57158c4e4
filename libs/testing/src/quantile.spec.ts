import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

describe('quantile', () => {
  it.each([
    [200, 0.99, 198],
    [200, 0.5, 100],
    [100, 0.07, 7],
    [5, 0.5, 3],
    [5, 0.99, 5],
    [5, 0, 1],
    [5, 1, 5],
    [1, 0.5, 1],
  ])('of the numbers up to %i, %d do not exceed %i', (count, share, expected) => {
    expect(quantile(upTo(count), share)).toBe(expected);
  });

  it('is none of no values', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});
