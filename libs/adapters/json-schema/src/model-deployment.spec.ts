import { describe, expect, it } from 'vitest';
import { validateModelDeployment } from './index.ts';

const manifest = (spec: object, extra: object = {}) => ({
  apiVersion: 'slipway.dev/v1',
  kind: 'ModelDeployment',
  metadata: { name: 'digits' },
  spec: { model: 'digits', version: 1, ...spec },
  ...extra,
});

const problemsOf = (document: unknown) => {
  const result = validateModelDeployment(document);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`);
};

describe('validateModelDeployment', () => {
  it('accepts the shortest manifest and a full one', () => {
    expect(problemsOf(manifest({}))).toEqual([]);
    const steps = [
      { setWeight: 5 },
      { analyse: { for: '2m', minRequests: 100 } },
      { pause: {} },
      { pause: { for: '1h' } },
    ];
    const gates = [{ metric: 'error-rate', max: 0.01, confidence: 0.99 }];
    expect(problemsOf(manifest({ rollout: { strategy: 'canary', steps, gates, retryToken: 'again' } }))).toEqual([]);
  });

  it('suggests the field that a typo meant', () => {
    expect(problemsOf(manifest({ verison: 2 }))).toEqual(['spec.verison is not a known field: did you mean version?']);
  });

  it('names the range and the value of a wrong number', () => {
    expect(problemsOf(manifest({ version: 0 }))).toEqual(['spec.version must be >= 1, not 0']);
  });

  it('speaks of the step that was meant, not of all kinds of steps', () => {
    expect(problemsOf(manifest({ rollout: { steps: [{ setWeight: 500 }] } }))).toEqual([
      'spec.rollout.steps[0].setWeight must be <= 100, not 500',
    ]);
    expect(problemsOf(manifest({ rollout: { steps: [{ weight: 5 }] } }))).toEqual([
      'spec.rollout.steps[0] must be one of setWeight, analyse, mirror, pause',
    ]);
  });

  it('names what is missing', () => {
    expect(
      problemsOf({ apiVersion: 'slipway.dev/v1', kind: 'ModelDeployment', metadata: {}, spec: { model: 'x' } }),
    ).toEqual(['metadata.name is required', 'spec.version is required']);
  });

  it('refuses what is no object', () => {
    expect(problemsOf(null)).toEqual([' must be object, not null']);
  });
});
