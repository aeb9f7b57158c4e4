import { expect, it } from 'vitest';
import { rejected, rolledBack, rolloutUnderWay } from '#testing';
import { explain } from './explain.ts';

const nowMs = Date.parse('2026-11-28T20:30:13Z');

it('says what a rollout waits for, and what would make each gate decide', () => {
  expect(explain(rolloutUnderWay(), nowMs)).toMatchInlineSnapshot(`
    "digits: Progressing
    Git asks for digits@4 in commit 2222222222.
    Stable is version 3, of commit 1111111111.

    ROLLOUT default.digits.2
      version 4, of commit 2222222222, has 10 % of the traffic; it began 1:13 ago
      step 2 of 4: analyse 500 requests, 2 min
      waits: analysing: 312 of 500 requests at 10 %

    TRAFFIC
      candidate  1 of 312 requests failed (0.32 %, 95 % interval 0.06 to 1.79 %)
      stable     0 of 2781 requests failed (0.00 %, 95 % interval 0.00 to 0.14 %)

    GATES
      error-rate: pass
        1 of 312 candidate requests failed, limit 0.01
        evidence against the candidate 10^-0.4 of 10^3.3
        fails after 4 more failures in a row, at evidence of 10^3.3 (now 10^-0.4); lets the candidate be promoted as it is
      latency: inconclusive
        9 of 311 candidate requests took longer than 10.5 ms, 500 requests are needed
        evidence against the candidate 10^1.6 of 10^3.3
        fails after 3 more slow answers in a row, at evidence of 10^3.3 (now 10^1.6); passes after 189 more requests"
  `);
});

it('says why a candidate was rolled back, on what evidence, and where that is in Git', () => {
  expect(explain(rolledBack(), nowMs)).toMatchInlineSnapshot(`
    "digits: Healthy
    Git asks for digits@3 in commit 3333333333.
    Stable is version 3, of commit 1111111111.

    LAST ROLLOUT default.digits.2
      version 4 of commit 2222222222: rolled back after 12.4 s, at 2026-11-28T20:29:12.400Z
      reason: error-rate: 5 of 17 candidate requests failed, evidence 10^4.1 against a rate of at most 0.01 (needed 10^3.3)
      counts of error-rate: candidate 5 of 17, stable 0 of 160, tolerated 0.01
      evidence: 10^4.1 of 10^3.3 (wrong at most once in 2000 good candidates)
      detected: 390 ms after the first failure, 2026-11-28T20:29:12.010Z
      last error: version 4 fails: Non-zero status code returned while running Gather node
      the rollback is commit 3333333333

    NOW
      version 3 is stable
      version 4 is tried again by a manifest that names it with another spec.rollout.retryToken, or with acceptRejected: true"
  `);
});

it('says what a rejected specification needs', () => {
  expect(explain(rejected(), nowMs)).toMatchInlineSnapshot(`
    "digits: RolledBack
    Git asks for digits@4 in commit 2222222222.
    Stable is version 3, of commit 1111111111.

    LAST ROLLOUT default.digits.2
      version 4 of commit 2222222222: rolled back after 12.4 s, at 2026-11-28T20:29:12.400Z
      reason: error-rate: 5 of 17 candidate requests failed, evidence 10^4.1 against a rate of at most 0.01 (needed 10^3.3)
      counts of error-rate: candidate 5 of 17, stable 0 of 160, tolerated 0.01
      evidence: 10^4.1 of 10^3.3 (wrong at most once in 2000 good candidates)
      detected: 390 ms after the first failure, 2026-11-28T20:29:12.010Z
      last error: version 4 fails: Non-zero status code returned while running Gather node
      the rollback is not written to Git

    NOW
      version 4 was rolled back with this very specification: name another version, change spec.rollout.retryToken, or run \`slipway rollout retry\`
      version 4 is tried again by a manifest that names it with another spec.rollout.retryToken, or with acceptRejected: true
      Git asks for it still, so \`slipway rollout retry digits\` tries it again, too"
  `);
});

it('tells two builds of one version apart by their variants', () => {
  const [old, other] = [['cpu/fp32'], ['cpu/int8']];
  const { desired, stable, candidate, ...status } = rolloutUnderWay();
  if (desired === undefined || stable === undefined || candidate === undefined) throw new Error('it has all of them');
  const under = explain(
    {
      ...status,
      desired: { ...desired, variants: other },
      stable: { ...stable, version: 4, variants: old },
      candidate: { ...candidate, variants: other },
    },
    nowMs,
  );
  expect(under).toContain('Git asks for digits@4 (cpu/int8) in commit');
  expect(under).toContain('Stable is version 4 (cpu/fp32), of commit');
  expect(under).toContain('  version 4 (cpu/int8), of commit 2222222222, has 10 % of the traffic');

  const { lastRollout, ...ended } = rejected();
  if (lastRollout === undefined) throw new Error('a rollout has ended');
  const after = explain(
    { ...ended, stable: { ...stable, version: 4, variants: old }, lastRollout: { ...lastRollout, variants: other } },
    nowMs,
  );
  expect(after).toContain('  version 4 (cpu/int8) of commit 2222222222: rolled back after 12.4 s');
  expect(after).toContain('  version 4 (cpu/int8) is tried again by a manifest that names it');
});

it('says what is missing where nothing was deployed yet', () => {
  const { desired: _desired, stable: _stable, lastRollout: _last, ...status } = rejected();
  expect(explain({ ...status, phase: 'Pending', note: 'no valid manifest' }, nowMs)).toMatchInlineSnapshot(`
    "digits: Pending
    Git asks for nothing valid yet.
    Nothing is stable yet.

    NOW
      no valid manifest"
  `);
});
