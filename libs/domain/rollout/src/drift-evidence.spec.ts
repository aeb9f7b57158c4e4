import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededNumbers } from '#testing';
import { logEvidenceOfDrift, stabilityIndex } from './drift-evidence.ts';

type Counts = Readonly<Record<string, number>>;
const segment = (share: number, candidate: Counts, stable: Counts) => ({
  share,
  candidate: new Map(Object.entries(candidate)),
  stable: new Map(Object.entries(stable)),
});

describe('logEvidenceOfDrift', () => {
  it('is a martingale while both versions answer alike: whatever the label of the next answer, nothing is expected to change', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    const counts = fc.record({ a: fc.nat({ max: 200 }), b: fc.nat({ max: 200 }) });
    fc.assert(
      fc.property(share, counts, counts, fc.constantFrom('a', 'b', 'new'), (of, candidate, stable, label) => {
        const now = logEvidenceOfDrift([segment(of, candidate, stable)]);
        const one = (before: Counts) => ({ ...before, [label]: (before[label] ?? 0) + 1 });
        const ofCandidate = logEvidenceOfDrift([segment(of, one(candidate), stable)]);
        const ofStable = logEvidenceOfDrift([segment(of, candidate, one(stable))]);
        const expected = of * Math.exp(ofCandidate - now) + (1 - of) * Math.exp(ofStable - now);
        expect(expected).toBeCloseTo(1, 6);
      }),
    );
  });

  it('raises no alarm in 200 rollouts of equal versions, looked at after each of 2,000 answers, and soon finds a shift', () => {
    const firstAlarm = (seed: number, candidateShareOfA: number) => {
      const random = seededNumbers(seed);
      const counts = { candidate: { a: 0, b: 0 }, stable: { a: 0, b: 0 } };
      for (let answers = 1; answers <= 2000; answers += 1) {
        const version = random() < 0.2 ? 'candidate' : 'stable';
        const label = random() < (version === 'candidate' ? candidateShareOfA : 0.7) ? 'a' : 'b';
        counts[version][label] += 1;
        if (logEvidenceOfDrift([segment(0.2, counts.candidate, counts.stable)]) >= Math.log(1000)) return answers;
      }
      return undefined;
    };
    const seeds = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(seeds.map((seed) => firstAlarm(seed, 0.7)).filter((alarm) => alarm !== undefined)).toEqual([]);
    const alarms = seeds.slice(0, 50).map((seed) => firstAlarm(seed, 0.2) ?? Number.POSITIVE_INFINITY);
    expect(Math.max(...alarms)).toBeLessThan(1000);
  });

  it('says nothing of weights at which one version had all the traffic', () => {
    expect(logEvidenceOfDrift([segment(0, {}, { a: 100 }), segment(1, { b: 100 }, {})])).toBe(0);
  });
});

describe('stabilityIndex', () => {
  it('is small for equal shares and large for other ones, and finite for labels that one version never gives', () => {
    const counts = (values: Counts) => new Map(Object.entries(values));
    expect(stabilityIndex(counts({ a: 100, b: 300 }), counts({ a: 1000, b: 3000 }))).toBeLessThan(0.001);
    expect(stabilityIndex(counts({ a: 300, b: 100 }), counts({ a: 1000, b: 3000 }))).toBeGreaterThan(0.25);
    expect(stabilityIndex(counts({ c: 100 }), counts({ a: 100 }))).toBeGreaterThan(1);
  });
});
