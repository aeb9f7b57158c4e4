import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorRateInterval } from './error-rate-interval.ts';

it.each([
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
  [263, 81, 0.2553, 0.3662],
  [148, 15, 0.0624, 0.1605],
  [20, 0, 0, 0.1611],
  [29, 1, 0.0061, 0.1718],
])('%i requests with %i errors are as published', (requests, errors, low, high) => {
  const interval = errorRateInterval(requests, errors);
  expect(interval?.rate).toBe(errors / requests);
  expect(interval?.low).toBeCloseTo(low, 4);
  expect(interval?.high).toBeCloseTo(high, 4);
});

it('has no rate without requests', () => {
  expect(errorRateInterval(0, 0)).toBeUndefined();
});

it('always holds the rate, within 0 and 1, and mirrors itself when errors and successes change places', () => {
  const counts = fc
    .integer({ min: 1, max: 1e9 })
    .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n })));
  fc.assert(
    fc.property(counts, ([requests, errors]) => {
      const found = errorRateInterval(requests, errors);
      const mirrored = errorRateInterval(requests, requests - errors);
      if (found === undefined || mirrored === undefined) throw new Error('no interval');
      expect(found.low).toBeGreaterThanOrEqual(0);
      expect(found.low).toBeLessThanOrEqual(found.rate);
      expect(found.high).toBeGreaterThanOrEqual(found.rate);
      expect(found.high).toBeLessThanOrEqual(1);
      expect(found.low).toBeCloseTo(1 - mirrored.high, 9);
    }),
  );
});
