import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allowance, spend } from './allowance.ts';

const threeInASecond: Allowance = { count: 3, periodMs: 1000 };

/** Which of the uses at these times, of these costs, go. */
function uses(allowance: Allowance, asked: readonly (readonly [atMs: number, cost: number])[]): boolean[] {
  let fullAtMs = 0;
  return asked.map(([atMs, cost]) => {
    const spending = spend(allowance, fullAtMs, atMs, cost);
    if (spending.kind === 'spent') fullAtMs = spending.fullAtMs;
    return spending.kind === 'spent';
  });
}

describe('an allowance', () => {
  it('goes at once as a whole, and comes back evenly', () => {
    const at = (atMs: number) => [atMs, 1] as const;
    expect(uses(threeInASecond, [at(0), at(0), at(0), at(0)])).toEqual([true, true, true, false]);
    expect(uses(threeInASecond, [at(0), at(0), at(0), at(333), at(334), at(334)])).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('says how long to wait', () => {
    expect(spend(threeInASecond, 1000, 0, 1)).toEqual({ kind: 'exceeded', waitMs: expect.closeTo(1000 / 3) });
    expect(spend(threeInASecond, 1000, 0, 3)).toEqual({ kind: 'exceeded', waitMs: 1000 });
  });

  it('lets pass what is larger than all of it when it is full, and has the next one pay', () => {
    expect(
      uses(threeInASecond, [
        [0, 30],
        [9333, 1],
        [9334, 1],
      ]),
    ).toEqual([true, false, true]);
    expect(
      uses(threeInASecond, [
        [0, 1],
        [0, 30],
      ]),
    ).toEqual([true, false]);
  });

  it('never lets more pass in any time than the whole and what came back', () => {
    const askedAt = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 5 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        askedAt,
        fc.integer({ min: 5, max: 20 }),
        fc.integer({ min: 1, max: 3000 }),
        (asked, count, periodMs) => {
          const inOrder = asked.toSorted(([left], [right]) => left - right);
          const passed = inOrder.filter((_, index) => uses({ count, periodMs }, inOrder.slice(0, index + 1)).at(-1));
          for (const [fromMs] of passed)
            for (const [toMs] of passed) {
              if (toMs < fromMs) continue;
              const within = passed.filter(([atMs]) => atMs >= fromMs && atMs <= toMs);
              const used = within.reduce((sum, [, cost]) => sum + cost, 0);
              expect(used).toBeLessThanOrEqual(count + ((toMs - fromMs) * count) / periodMs + 1e-3);
            }
        },
      ),
      { numRuns: 200 },
    );
  });
});
