import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrafficCounts } from '#domain/traffic';
import { seededNumbers } from '#testing';
import { logEvidenceAgainstRate, logEvidenceAgainstStable } from './e-process.ts';
import { judgeErrorRate } from './gate.ts';
import type { ErrorRateGate } from './gates.ts';

const gate: ErrorRateGate = { metric: 'error-rate', max: 0.01, against: 'stable', confidence: 0.999, minRequests: 20 };
const counts = (requests: number, serverErrors: number): TrafficCounts => ({ requests, serverErrors });
const judge = (candidate: TrafficCounts, stable = counts(1000, 0), over: Partial<ErrorRateGate> = {}, share = 0.1) =>
  judgeErrorRate({ ...gate, ...over }, 1, {
    candidate,
    stable,
    segments: [{ share, candidateErrors: candidate.serverErrors, stableErrors: stable.serverErrors }],
  });

/** Requests until the gate fails a candidate of the given error rate, looked at after every one; `undefined` when it never does. */
function requestsUntilFailure(errorRate: number, seed: number, limit: number): number | undefined {
  const random = seededNumbers(seed);
  let errors = 0;
  for (let requests = 1; requests <= limit; requests += 1) {
    if (random() < errorRate) errors += 1;
    if (judge(counts(requests, errors)).kind === 'fail') return requests;
  }
  return undefined;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe('judgeErrorRate', () => {
  it.each([
    [1, 3],
    [0.5, 6],
    [0.1, 60],
    [0.05, 200],
  ])('finds a candidate that fails %d of its requests within a median of %i of them', (errorRate, goal) => {
    const runs = Array.from(
      { length: 3001 },
      (_, seed) => requestsUntilFailure(errorRate, seed + 1, 5000) ?? Number.POSITIVE_INFINITY,
    );
    expect(medianOf(runs)).toBeLessThanOrEqual(goal);
  });

  it('never fails a candidate of half the tolerated rate, looked at after each of 20,000 requests', () => {
    const failures = Array.from({ length: 25 }, (_, seed) => requestsUntilFailure(0.005, seed + 1, 20_000)).filter(
      (requests) => requests !== undefined,
    );
    expect(failures).toEqual([]);
  });

  it('is inconclusive without requests, and below its minimum: silence is no success', () => {
    expect(judge(counts(0, 0)).kind).toBe('inconclusive');
    expect(judge(counts(19, 0)).kind).toBe('inconclusive');
    expect(judge(counts(20, 0)).kind).toBe('pass');
  });

  it('does not blame a candidate for an incident that hits stable alike', () => {
    expect(judge(counts(100, 50), counts(900, 450))).toMatchObject({
      kind: 'frozen',
      reason: expect.stringContaining('450 of 900 stable requests did too'),
    });
    expect(judge(counts(100, 50), counts(900, 450), { against: 'none' }).kind).toBe('fail');
  });

  it('blames a candidate that is far worse than a stable version that is not well either', () => {
    expect(judge(counts(100, 60), counts(900, 20)).kind).toBe('fail');
  });

  it('says why, in words and numbers', () => {
    const verdict = judge(counts(16, 4));
    expect(verdict.reason).toMatch(
      /4 of 16 candidate requests failed, evidence 10\^3\.\d against a rate of at most 0\.01/,
    );
    expect(verdict.evidence).toMatchObject({
      max: 0.01,
      alpha: expect.closeTo(0.001),
      candidate: { requests: 16, events: 4 },
    });
  });

  it('shares the chance of a false alarm between gates', () => {
    const observation = { candidate: counts(2, 2), stable: counts(10, 0), segments: [] };
    expect(judgeErrorRate(gate, 1, observation).kind).toBe('fail');
    expect(judgeErrorRate(gate, 10, observation).kind).not.toBe('fail');
  });
});

describe('the e-processes', () => {
  it('are supermartingales at the limit: the expected next value is not larger', () => {
    const tolerated = fc.double({ min: 0.001, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(tolerated, fc.nat({ max: 500 }), fc.nat({ max: 20 }), (rate, successes, errors) => {
        const now = logEvidenceAgainstRate(successes + errors, errors, rate);
        const afterError = logEvidenceAgainstRate(successes + errors + 1, errors + 1, rate);
        const afterSuccess = logEvidenceAgainstRate(successes + errors + 1, errors, rate);
        const expected = rate * Math.exp(afterError - now) + (1 - rate) * Math.exp(afterSuccess - now);
        expect(expected).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('against stable, at equal rates, likewise', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(share, fc.nat({ max: 20 }), fc.nat({ max: 50 }), (candidateShare, candidateErrors, stableErrors) => {
        const at = (ofCandidate: number, ofStable: number) =>
          logEvidenceAgainstStable([{ share: candidateShare, candidateErrors: ofCandidate, stableErrors: ofStable }]);
        const now = at(candidateErrors, stableErrors);
        const expected =
          candidateShare * Math.exp(at(candidateErrors + 1, stableErrors) - now) +
          (1 - candidateShare) * Math.exp(at(candidateErrors, stableErrors + 1) - now);
        expect(expected).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('begin without evidence, and errors add to it', () => {
    expect(logEvidenceAgainstRate(0, 0, 0.01)).toBe(0);
    expect(logEvidenceAgainstRate(10, 2, 0.01)).toBeGreaterThan(logEvidenceAgainstRate(10, 1, 0.01));
    expect(Number.isFinite(logEvidenceAgainstRate(10_000_000, 5_000_000, 0.01))).toBe(true);
  });
});
