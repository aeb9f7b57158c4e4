import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorRateGate, judgeErrorRate, type NamedVerdict, type RolloutGate } from '#domain/rollout';
import { toGateStatus } from './gate-status.mapper.ts';

const GATE: ErrorRateGate = {
  metric: 'error-rate',
  max: 0.01,
  confidence: 0.999,
  minRequests: 200,
  against: 'stable',
};
const STABLE = { requests: 1000, serverErrors: 0 };

function verdictAfter(requests: number, serverErrors: number, stable = STABLE): NamedVerdict {
  const observation = { candidate: { requests, serverErrors }, stable, segments: [] };
  return { key: 'error-rate', ...judgeErrorRate(GATE, 1, observation) };
}

describe('what would make a gate decide', () => {
  it('is as many failures in a row as it takes, and not one fewer', () => {
    const counts = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 0, max: 0.012, noNaN: true }));
    fc.assert(
      fc.property(counts, ([requests, rate]) => {
        const errors = Math.floor(requests * rate);
        const verdict = verdictAfter(requests, errors);
        fc.pre(verdict.kind !== 'fail');
        const { decides } = toGateStatus(GATE, verdict);
        const more = Number(decides.match(/^fails after (\d+) more failures? in a row/)?.[1]);
        expect(verdictAfter(requests + more, errors + more).kind).toBe('fail');
        expect(verdictAfter(requests + more - 1, errors + more - 1).kind).not.toBe('fail');
      }),
    );
  });

  it('is what is missing of the requests that a promotion needs', () => {
    const decides = (requests: number) => toGateStatus(GATE, verdictAfter(requests, 0)).decides;
    expect(decides(150)).toMatch(/; passes after 50 more requests$/);
    expect(decides(200)).toMatch(/; lets the candidate be promoted as it is$/);
  });

  it('is a stable version that is well again, while the rollout is frozen', () => {
    const sick = { requests: 1000, serverErrors: 500 };
    const status = toGateStatus(GATE, verdictAfter(100, 50, sick));
    expect(status).toMatchObject({ verdict: 'frozen', evidence: { events: 50, stableEvents: 500, log10Relative: 0 } });
    expect(status.decides).toMatch(/^goes on when stable is within 0\.01 again; .* 10\^3\.0 \(now 10\^0\.0\)$/);
  });

  it('is nothing more once the candidate goes', () => {
    expect(toGateStatus(GATE, verdictAfter(10, 10))).toMatchObject({
      verdict: 'fail',
      decides: 'it has decided: the candidate goes',
      evidence: { log10Needed: expect.closeTo(3) },
    });
  });

  it.each([
    [
      { metric: 'prometheus', query: 'q', max: 5, intervalMs: 30_000, consecutive: 2, onNoData: 'hold' },
      'fails at 2 bad answers in a row, passes at a good one; asked every 30 s',
    ],
    [
      { metric: 'http', url: 'u', intervalMs: 60_000, consecutive: 1, onNoData: 'hold' },
      'fails at one bad answer, passes at a good one; asked every 1 min',
    ],
    [
      { metric: 'latency', quantile: 0.99, limit: { kind: 'ratio', maxRatio: 2 }, ...sequentialParts() },
      'needs its limit first, which is taken from the answers of stable',
    ],
    [
      { metric: 'output-drift', output: 'label', maxPsi: 0.2, confidence: 0.999, minRequests: 100 },
      'fails when the PSI is above 0.2 and the evidence for it reaches its bar; passes after 100 more answers of each version',
    ],
  ] as [RolloutGate, string][])('of %o without an answer yet is told in words', (gate, words) => {
    const verdict: NamedVerdict = { key: gate.metric, kind: 'inconclusive', reason: 'nothing yet' };
    expect(toGateStatus(gate, verdict)).toEqual({
      key: gate.metric,
      verdict: 'inconclusive',
      reason: 'nothing yet',
      decides: words,
    });
  });
});

function sequentialParts() {
  const { confidence, minRequests, against } = GATE;
  return { confidence, minRequests, against };
}
