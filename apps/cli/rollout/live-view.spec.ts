import { describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { rejected, rolledBack, rolloutUnderWay } from '#testing';
import { liveView } from './live-view.ts';
import { paintLine } from './styled-line.ts';

const AT_HALF_PAST = { nowMs: Date.parse('2026-11-28T20:30:13Z'), rates: { candidate: 4.61, stable: 41.2 } };
const plain = (status: DeploymentStatus, columns = 80, rows = 40) =>
  liveView(status, { ...AT_HALF_PAST, columns, rows })
    .map((line) => paintLine(line, (_look, text) => text))
    .join('\n');

describe('the live view at 80 columns', () => {
  it('shows a canary that is under way', () => {
    expect(plain(rolloutUnderWay())).toMatchInlineSnapshot(`
      "digits  Progressing  version 3 → 4 · canary · 1:13
      analysing: 312 of 500 requests at 10 %

      VERSION       WEIGHT             REQ/S  REQUESTS  ERRORS  ERROR RATE, 95 %
      stable 3      █████████░  90 %    41.2      2781       0  0.00 % (0.00–0.14)
      candidate 4   █░░░░░░░░░  10 %     4.6       312       1  0.32 % (0.06–1.79)
      latency ms, p50 / p95 / p99: stable 3.0 / 6.9 / 11.0, candidate 3.1 / 7.3 / 12.4
      stable answered one of the failed requests instead

      STEPS
        ✓ weight 10 %
        ▸ analyse 500 requests, 2 min   312 of 500 requests, 1:12 of 2:00
        · weight 50 %
        · pause for a person

      GATES
        error-rate         pass         ░░░░░░░░░░ evidence 10^-0.4 of 10^3.3
          1 of 312 candidate requests failed, limit 0.01
        latency            inconclusive █████░░░░░ evidence 10^1.6 of 10^3.3
          9 of 311 candidate requests took longer than 10.5 ms, 500 requests are
          needed

      EVENTS
        20:15:03  RolloutStarted: version 3 → 4
        20:29:01  StepEntered: analysing 500 requests and 120000 ms; the candidate ha…"
    `);
  });

  it('names variants in its head, where one version is tried in another build', () => {
    const { stable, candidate, ...status } = rolloutUnderWay();
    if (stable === undefined || candidate === undefined) throw new Error('it has both');
    const [head] = plain({
      ...status,
      stable: { ...stable, version: 4, variants: ['cpu/fp32'] },
      candidate: { ...candidate, variants: ['cpu/int8'] },
    }).split('\n');
    expect(head).toBe('digits  Progressing  version 4 (cpu/fp32) → 4 (cpu/int8) · canary · 1:13');
  });

  it('shows mirroring, a gate that asks somebody else, and a frozen one', () => {
    expect(plain(shadow())).toMatchInlineSnapshot(`
      "digits  Progressing  version 3 → 4 · shadow · 1:13
      the shadow waits for \`slipway rollout promote\` or abort

      VERSION       WEIGHT             REQ/S  REQUESTS  ERRORS  ERROR RATE, 95 %
      stable 3      ██████████ 100 %    41.2    12.35M  912000  7.39 % (7.37–7.40)
      candidate 4   ░░░░░░░░░░   0 %     4.6         0       0  -
      mirrored, now 100 %: 1200 copies, 2 failed, 3 of 1198 differ, 14 shed

      STEPS
        ✓ mirror 100 %

      GATES
        error-rate         frozen       ░░░░░░░░░░ against stable 10^-2.1 of 10^3.3
          2 of 1200 candidate requests failed, but 912000 of 12345678 stable requests
          did too
        prometheus#2       pass
          4 is within its limits

      EVENTS
        20:15:03  RolloutStarted: version 3 → 4
        20:29:01  StepEntered: analysing 500 requests and 120000 ms; the candidate ha…"
    `);
  });

  it('shows how a rollback came about', () => {
    expect(plain(rolledBack())).toMatchInlineSnapshot(`
      "digits  Healthy
      version 3 answers everything

      LAST ROLLOUT default.digits.2
        version 4 of commit 2222222222: rolled back after 12.4 s, at
        2026-11-28T20:29:12.400Z
        reason: error-rate: 5 of 17 candidate requests failed, evidence 10^4.1 against
        a rate of at most 0.01 (needed 10^3.3)
        counts of error-rate: candidate 5 of 17, stable 0 of 160, tolerated 0.01
        evidence: 10^4.1 of 10^3.3 (wrong at most once in 2000 good candidates)
        detected: 390 ms after the first failure, 2026-11-28T20:29:12.010Z
        last error: version 4 fails: Non-zero status code returned while running
        Gather node
        the rollback is commit 3333333333

      EVENTS
        20:15:03  RolloutStarted: version 3 → 4
        20:29:12  RolledBack: version 4 is out: error-rate: 5 of 17 candidate request…"
    `);
  });

  it('shows a specification that is rejected', () => {
    expect(plain(rejected())).toMatchInlineSnapshot(`
      "digits  RolledBack
      version 3 answers everything; version 4 was rolled back: error-rate: 5 of 17
      candidate requests failed, evidence 10^4.1 against a rate of at most 0.01

      LAST ROLLOUT default.digits.2
        version 4 of commit 2222222222: rolled back after 12.4 s, at
        2026-11-28T20:29:12.400Z
        reason: error-rate: 5 of 17 candidate requests failed, evidence 10^4.1 against
        a rate of at most 0.01 (needed 10^3.3)
        counts of error-rate: candidate 5 of 17, stable 0 of 160, tolerated 0.01
        evidence: 10^4.1 of 10^3.3 (wrong at most once in 2000 good candidates)
        detected: 390 ms after the first failure, 2026-11-28T20:29:12.010Z
        last error: version 4 fails: Non-zero status code returned while running
        Gather node
        the rollback is not written to Git

      EVENTS
        20:15:03  RolloutStarted: version 3 → 4
        20:29:12  RolledBack: version 4 is out: error-rate: 5 of 17 candidate request…"
    `);
  });

  it('shows what a controller of an earlier version tells', () => {
    expect(plain(told())).toMatchInlineSnapshot(`
      "digits  Progressing  version 3 → 4 · 1:13
      analysing: 312 of 500 requests at 10 %

      VERSION       WEIGHT             REQ/S  REQUESTS  ERRORS  ERROR RATE, 95 %
      stable 3      █████████░  90 %    41.2         -       -  -
      candidate 4   █░░░░░░░░░  10 %     4.6       312       1  -

      EVENTS
        20:15:03  RolloutStarted: version 3 → 4
        20:29:01  StepEntered: analysing 500 requests and 120000 ms; the candidate ha…"
    `);
  });
});

it.each([
  [80, 24],
  [60, 12],
  [20, 5],
])('fits a terminal of %i columns and %i rows, whatever there is to tell', (columns, rows) => {
  for (const status of [rolloutUnderWay(), shadow(), rolledBack(), rejected(), told(), longRollout()]) {
    const lines = plain(status, columns, rows).split('\n');
    expect(lines.length).toBeLessThan(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
});

it('shows the steps around the present one of a long rollout', () => {
  expect(plain(longRollout())).toContain('STEPS 20 to 25 of 40\n  ✓ step 20\n  ▸ step 21');
});

function shadow(): DeploymentStatus {
  const status = rolloutUnderWay();
  if (status.candidate === undefined) throw new Error('no candidate');
  return {
    ...status,
    note: 'the shadow waits for `slipway rollout promote` or abort',
    candidate: {
      ...status.candidate,
      strategy: 'shadow',
      weightPercent: 0,
      mirrorPercent: 100,
      steps: [{ text: 'mirror 100 %', state: 'done' }],
      stepIndex: 1,
      stepCount: 1,
      stepTimer: { enteredAt: '2026-11-28T20:29:01.000Z' },
      traffic: {
        candidate: {
          requests: 0,
          serverErrors: 0,
          mirrored: { requests: 1200, serverErrors: 2, compared: 1198, disagreements: 3, shed: 14 },
        },
        stable: { requests: 12_345_678, serverErrors: 912_000, errorRate: { rate: 0.0739, low: 0.0737, high: 0.074 } },
      },
      gates: [
        {
          key: 'error-rate',
          verdict: 'frozen',
          reason: 'error-rate: 2 of 1200 candidate requests failed, but 912000 of 12345678 stable requests did too',
          decides: 'goes on when stable is within 0.001 again',
          evidence: {
            requests: 1200,
            events: 2,
            stableRequests: 12_345_678,
            stableEvents: 912_000,
            max: 0.001,
            alpha: 0.0005,
            log10Absolute: 3.4,
            log10Relative: -2.1,
            log10Needed: 3.3,
          },
        },
        {
          key: 'prometheus#2',
          verdict: 'pass',
          reason: 'prometheus#2: 4 is within its limits',
          decides: 'fails at one bad answer',
        },
      ],
    },
  };
}

/** Only what the schema demands. */
function told(): DeploymentStatus {
  const { note: _note, candidate, ...status } = rolloutUnderWay();
  if (candidate === undefined) throw new Error('no candidate');
  const { strategy: _1, steps: _2, stepTimer: _3, mirrorPercent: _4, traffic: _5, gates: _6, ...old } = candidate;
  return { ...status, candidate: old };
}

function longRollout(): DeploymentStatus {
  const status = rolloutUnderWay();
  if (status.candidate === undefined) throw new Error('no candidate');
  const steps = Array.from({ length: 40 }, (_, index) => ({
    text: `step ${index + 1}`,
    state: index < 20 ? ('done' as const) : index === 20 ? ('present' as const) : ('ahead' as const),
  }));
  return { ...status, candidate: { ...status.candidate, steps, stepIndex: 20, stepCount: 40 } };
}
