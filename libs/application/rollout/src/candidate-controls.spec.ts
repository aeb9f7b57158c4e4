import { describe, expect, it } from 'vitest';
import type { ModelName, Namespace } from '#domain/registry';
import type { Candidate, RolloutGate, RolloutPlan } from '#domain/rollout';
import { controlsOf } from './candidate-controls.ts';

const sequential = { confidence: 0.999, minRequests: 20, against: 'stable' as const };
const ERROR_RATE: RolloutGate = { metric: 'error-rate', max: 0.01, ...sequential };
const candidate = (plan: Partial<RolloutPlan>, over: Partial<Candidate> = {}): Candidate => ({
  desired: {
    spec: {
      namespace: 'default' as Namespace,
      name: 'm' as ModelName,
      model: 'm' as ModelName,
      version: 2,
      deadlineMs: 1000,
      maxConcurrency: 8,
      rollout: {
        strategy: 'canary',
        steps: [],
        fallbackToStable: true,
        progressDeadlineMs: 1000,
        gates: [ERROR_RATE],
        writeBack: 'commit',
        ...plan,
      },
    },
    specHash: 'h',
    commit: 'c',
    file: 'm.yaml',
  },
  servable: {
    namespace: 'default' as Namespace,
    model: 'm' as ModelName,
    version: 2,
    signature: { inputs: [], outputs: [] },
    variants: [],
  },
  rolloutId: 'default.m.2',
  startedAtMs: 0,
  stepIndex: 0,
  stepEnteredAtMs: 0,
  requestsAtStepEntry: 0,
  weightPercent: 10,
  pausedMs: 0,
  ...over,
});

describe('controlsOf', () => {
  it('asks for nothing without a candidate, and looks at nothing that no gate asks for', () => {
    expect(controlsOf(undefined, 1)).toMatchObject({ mirrorPercent: 0, match: undefined, breaker: undefined });
    expect(controlsOf(candidate({}), 1).watch).toEqual({
      latency: false,
      nonFinite: false,
      constant: false,
      outputs: [],
      agreement: [],
    });
  });

  it('looks at what the gates judge', () => {
    const gates: RolloutGate[] = [
      { metric: 'latency', quantile: 0.99, limit: { kind: 'absolute', maxMs: 80 }, ...sequential },
      { metric: 'non-finite-outputs', max: 0, ...sequential },
      { metric: 'constant-outputs', max: 0.5, ...sequential },
      { metric: 'output-drift', output: 'y', maxPsi: 0.2, confidence: 0.999, minRequests: 20 },
      { metric: 'output-drift', output: 'y', maxShift: 0.2, confidence: 0.999, minRequests: 20 },
      { metric: 'agreement', output: 'y', min: 0.98, tolerance: 0.01, ...sequential },
    ];
    expect(controlsOf(candidate({ gates }), 1).watch).toEqual({
      latency: true,
      nonFinite: true,
      constant: true,
      outputs: ['y'],
      agreement: [{ output: 'y', tolerance: 0.01 }],
    });
  });

  it('sends matching requests to a candidate that is ready only', () => {
    const match = { headers: { 'x-beta': 'true' } };
    expect(controlsOf(candidate({ match }), 1).match).toEqual(match);
    expect(controlsOf(candidate({ match }, { stepIndex: -1 }), 1).match).toBeUndefined();
  });

  it('shares the breakers’ chance of a false alarm among the gateways', () => {
    const chanceOf = (gateways: number) =>
      Math.exp(-(controlsOf(candidate({ breaker: true }), gateways).breaker?.logThreshold ?? 0));
    expect(chanceOf(1) * 4).toBeCloseTo(0.0001);
    expect(chanceOf(100) * 128).toBeCloseTo(0.0001);
    expect(controlsOf(candidate({ breaker: true, gates: [] }), 1).breaker).toBeUndefined();
    expect(controlsOf(candidate({ breaker: false }), 1).breaker).toBeUndefined();
  });
});
