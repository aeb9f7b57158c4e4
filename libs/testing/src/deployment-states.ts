import type { DeploymentStatus } from '#generated/deployment-status';

const STABLE_COMMIT = '1111111111aaaaaaaaaabbbbbbbbbbcccccccccc';
const CANDIDATE_COMMIT = '2222222222aaaaaaaaaabbbbbbbbbbcccccccccc';
const ROLLBACK_COMMIT = '3333333333aaaaaaaaaabbbbbbbbbbcccccccccc';

const desired = { model: 'digits', version: 4, commit: CANDIDATE_COMMIT, specHash: 'sha256:4' };
const stable = { version: 3, commit: STABLE_COMMIT, isReady: true };
const started = {
  id: 7,
  at: '2026-11-28T20:15:03.120Z',
  severity: 'info',
  code: 'RolloutStarted',
  message: 'version 3 → 4',
  commit: CANDIDATE_COMMIT,
  version: 4,
} as const;

/** A canary in its second step, with two gates and a failure behind it. It is half past eight in its own time. */
export function rolloutUnderWay(): DeploymentStatus {
  return {
    namespace: 'default',
    name: 'digits',
    phase: 'Progressing',
    message: 'analysing: 312 of 500 requests at 10 %',
    note: 'analysing: 312 of 500 requests at 10 %',
    desired,
    stable,
    candidate: {
      version: 4,
      rolloutId: 'default.digits.2',
      commit: CANDIDATE_COMMIT,
      isReady: true,
      weightPercent: 10,
      stepIndex: 1,
      stepCount: 4,
      step: 'analysing 500 requests and 120000 ms',
      requests: 312,
      serverErrors: 1,
      startedAt: '2026-11-28T20:29:00.000Z',
      strategy: 'canary',
      steps: [
        { text: 'weight 10 %', state: 'done' },
        { text: 'analyse 500 requests, 2 min', state: 'present' },
        { text: 'weight 50 %', state: 'ahead' },
        { text: 'pause for a person', state: 'ahead' },
      ],
      stepTimer: {
        enteredAt: '2026-11-28T20:29:01.000Z',
        forMs: 120_000,
        endsAt: '2026-11-28T20:31:01.000Z',
        requests: 312,
        minRequests: 500,
      },
      mirrorPercent: 0,
      traffic: {
        candidate: {
          requests: 312,
          serverErrors: 1,
          errorRate: { rate: 0.0032, low: 0.0006, high: 0.0179 },
          fallbacks: 1,
          latencyMs: { p50: 3.1, p95: 7.25, p99: 12.4 },
        },
        stable: {
          requests: 2781,
          serverErrors: 0,
          errorRate: { rate: 0, low: 0, high: 0.0014 },
          latencyMs: { p50: 3.02, p95: 6.9, p99: 11 },
        },
      },
      gates: [
        {
          key: 'error-rate',
          verdict: 'pass',
          reason: 'error-rate: 1 of 312 candidate requests failed, limit 0.01',
          decides:
            'fails after 4 more failures in a row, at evidence of 10^3.3 (now 10^-0.4); lets the candidate be promoted as it is',
          evidence: {
            requests: 312,
            events: 1,
            stableRequests: 2781,
            stableEvents: 0,
            max: 0.01,
            alpha: 0.0005,
            log10Absolute: -0.42,
            log10Needed: 3.3,
          },
        },
        {
          key: 'latency',
          verdict: 'inconclusive',
          reason: 'latency: 9 of 311 candidate requests took longer than 10.5 ms, 500 requests are needed',
          decides:
            'fails after 3 more slow answers in a row, at evidence of 10^3.3 (now 10^1.6); passes after 189 more requests',
          evidence: {
            requests: 311,
            events: 9,
            stableRequests: 2781,
            stableEvents: 20,
            max: 0.01,
            alpha: 0.0005,
            log10Absolute: 1.65,
            log10Needed: 3.3,
            details: { thresholdMs: 10.5 },
          },
        },
      ],
    },
    events: [
      started,
      {
        id: 8,
        at: '2026-11-28T20:29:01.004Z',
        severity: 'info',
        code: 'StepEntered',
        message: 'analysing 500 requests and 120000 ms; the candidate has 10 % of the traffic',
        version: 4,
      },
    ],
  };
}

/** The same deployment after its candidate was rolled back and the commit that says so was taken. */
export function rolledBack(): DeploymentStatus {
  return {
    namespace: 'default',
    name: 'digits',
    phase: 'Healthy',
    message: 'version 3 answers everything',
    note: 'version 3 is stable',
    desired: { ...desired, version: 3, commit: ROLLBACK_COMMIT, specHash: 'sha256:3' },
    stable,
    lastRollout: {
      rolloutId: 'default.digits.2',
      version: 4,
      commit: CANDIDATE_COMMIT,
      outcome: 'rolledBack',
      reason:
        'error-rate: 5 of 17 candidate requests failed, evidence 10^4.1 against a rate of at most 0.01 (needed 10^3.3)',
      startedAt: '2026-11-28T20:29:00.000Z',
      endedAt: '2026-11-28T20:29:12.400Z',
      evidence: {
        gate: 'error-rate',
        requests: 17,
        serverErrors: 5,
        stableRequests: 160,
        stableServerErrors: 0,
        max: 0.01,
        alpha: 0.0005,
        log10Absolute: 4.12,
        firstErrorAt: '2026-11-28T20:29:12.010Z',
        decidedAt: '2026-11-28T20:29:12.400Z',
        detectionMs: 390,
        lastError: 'version 4 fails: Non-zero status code returned while running Gather node',
      },
      writeBack: { state: 'committed', commit: ROLLBACK_COMMIT },
    },
    events: [
      started,
      {
        id: 9,
        at: '2026-11-28T20:29:12.400Z',
        severity: 'error',
        code: 'RolledBack',
        message: 'version 4 is out: error-rate: 5 of 17 candidate requests failed',
        commit: CANDIDATE_COMMIT,
        version: 4,
      },
    ],
  };
}

/** A deployment whose repository still asks for the version that was rolled back. */
export function rejected(): DeploymentStatus {
  const { lastRollout, ...after } = rolledBack();
  if (lastRollout === undefined) throw new Error('no rollout ended');
  return {
    ...after,
    phase: 'RolledBack',
    message: `version 3 answers everything; version 4 was rolled back: ${lastRollout.reason}`,
    note: 'version 4 was rolled back with this very specification: name another version, change spec.rollout.retryToken, or run `slipway rollout retry`',
    desired,
    lastRollout: { ...lastRollout, writeBack: { state: 'off' } },
  };
}
