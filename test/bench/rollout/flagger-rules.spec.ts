import { describe, expect, it } from 'vitest';
import { type FlaggerAnalysis, rollbackAtMs } from './flagger-rules.ts';

const MINUTE = 60_000;
const analysis: FlaggerAnalysis = { intervalMs: MINUTE, threshold: 5, min: 0.99 };
const rollback = (over: Partial<FlaggerAnalysis>, measure: (atMs: number) => readonly number[]) =>
  rollbackAtMs({ ...analysis, ...over }, measure, 60 * MINUTE);

describe('a canary analysis', () => {
  it('rolls back one tick after the check that reached the threshold', () => {
    expect(rollback({}, () => [0.5])).toBe(6 * MINUTE);
    expect(rollback({ threshold: 1 }, () => [0.5])).toBe(2 * MINUTE);
  });

  it('rolls back after one failed check by default', () => {
    expect(rollbackAtMs({ intervalMs: MINUTE, min: 0.99 }, () => [0.98], 60 * MINUTE)).toBe(2 * MINUTE);
  });

  it('adds failed checks up over the whole run', () => {
    expect(rollback({ threshold: 2 }, (atMs) => [atMs === 3 * MINUTE || atMs === 20 * MINUTE ? 0.5 : 1])).toBe(
      21 * MINUTE,
    );
  });

  it('does not check before the first tick after the canary got its weight', () => {
    const takenMs: number[] = [];
    rollback({}, (atMs) => {
      takenMs.push(atMs);
      return [1];
    });
    expect(takenMs.slice(0, 2)).toEqual([MINUTE, 2 * MINUTE]);
  });

  it.each([[[]], [[Number.NaN]]])('takes no value for a failed check: %j', (values) => {
    expect(rollback({ threshold: 1 }, () => values)).toBe(2 * MINUTE);
  });

  it('accepts the least accepted rate itself', () => {
    expect(rollback({ threshold: 1 }, () => [0.99])).toBeUndefined();
  });

  it('has an interval of 10 s where less is asked for', () => {
    expect(rollback({ intervalMs: 1000, threshold: 1 }, () => [0])).toBe(20_000);
  });
});
