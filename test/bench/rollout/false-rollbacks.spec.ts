import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeErrorRate } from '#domain/rollout';
import { GATE, simulateHealthyRollouts } from './false-rollbacks.ts';

it('only an error of the candidate can end a pass: the looks that the simulation leaves out cannot fail', () => {
  const judge = (successes: number, errors: number, stableRequests: number, stableErrors: number) =>
    judgeErrorRate(GATE, 1, {
      candidate: { requests: successes + errors, serverErrors: errors },
      stable: { requests: stableRequests, serverErrors: stableErrors },
      segments: [{ share: 0.1, candidateErrors: errors, stableErrors }],
    }).kind;
  const counts = [{ max: 5000 }, { max: 60 }, { max: 50_000 }, { max: 500 }].map((bounds) => fc.nat(bounds));
  fc.assert(
    fc.property(fc.tuple(...counts), ([successes = 0, errors = 0, requests = 0, stableErrors = 0]) => {
      const stableRequests = requests + stableErrors;
      fc.pre(judge(successes, errors, stableRequests, stableErrors) === 'pass');
      expect(judge(successes + 1, errors, stableRequests, stableErrors)).not.toBe('fail');
      expect(judge(successes, errors, stableRequests + 1, stableErrors)).not.toBe('fail');
      expect(judge(successes, errors, stableRequests + 1, stableErrors + 1)).not.toBe('fail');
    }),
    { numRuns: 2000 },
  );
});

it('finds no false rollback of ours, and some of those who look at windows and count the first failure', () => {
  const { rollouts, ours, anchors } = simulateHealthyRollouts(30);
  expect({ rollouts, ours }).toEqual({ rollouts: 30, ours: 0 });
  expect(anchors.map((count) => count > 0)).toEqual([false, true, false, true]);
});
