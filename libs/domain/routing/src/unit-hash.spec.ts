import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unitHash } from './unit-hash.ts';

it('unitHash gives every text one number in [0, 1)', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(unitHash(text)).toBe(unitHash(text));
      expect(unitHash(text)).toBeGreaterThanOrEqual(0);
      expect(unitHash(text)).toBeLessThan(1);
    }),
  );
});

it('unitHash spreads texts that hardly differ evenly', () => {
  const counts = Array(10).fill(0);
  for (let index = 0; index < 10_000; index += 1) counts[Math.floor(unitHash(`key ${index}`) * 10)] += 1;
  // Five standard deviations of a binomial with n = 10,000 and p = 0.1.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
