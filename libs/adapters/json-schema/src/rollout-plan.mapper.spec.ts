import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toPlan } from './rollout-plan.mapper.ts';
import { YamlManifestParser } from './yaml-manifest-parser.ts';

describe('toPlan', () => {
  it('fills in the defaults of each strategy', () => {
    expect(toPlan({})).toMatchObject({
      strategy: 'canary',
      steps: [{ kind: 'setWeight' }, { kind: 'analyse' }, { kind: 'setWeight' }, { kind: 'analyse' }],
      gates: [{ metric: 'error-rate', max: 0.01, against: 'stable', confidence: 0.999, minRequests: 20 }],
      writeBack: 'commit',
      rollbackWindow: 3,
      breaker: true,
    });
    expect(toPlan({ strategy: 'blueGreen' }).steps).toEqual([{ kind: 'pause' }]);
    expect(toPlan({ strategy: 'shadow' }).steps).toEqual([{ kind: 'mirror', percent: 100 }]);
    expect(toPlan({ strategy: 'experiment' }).steps[0]).toEqual({ kind: 'setWeight', weightPercent: 50 });
    expect(toPlan({ strategy: 'allAtOnce' }).steps).toEqual([]);
  });

  it('reads every field of a full manifest', () => {
    const file = join(import.meta.dirname, '../../../../registry-schema/examples/valid/every-gate.yaml');
    const [parsed] = new YamlManifestParser().parse(readFileSync(file, 'utf8'));
    if (parsed?.kind !== 'deployment') throw new Error(JSON.stringify(parsed));
    expect(parsed.spec.rollout).toMatchSnapshot();
  });

  it('takes the limits that are given, and a default where none is', () => {
    const gate = (given: object) => toPlan({ gates: [given] as never }).gates[0];
    expect(gate({ metric: 'latency' })).toMatchObject({ quantile: 0.99, limit: { kind: 'ratio', maxRatio: 1.5 } });
    expect(gate({ metric: 'latency', max: '80ms' })).toMatchObject({ limit: { kind: 'absolute', maxMs: 80 } });
    expect(gate({ metric: 'output-drift', output: 'y' })).toMatchObject({ maxPsi: 0.2 });
    expect(gate({ metric: 'output-drift', output: 'y', maxShift: 1 })).not.toHaveProperty('maxPsi');
    expect(gate({ metric: 'http', url: 'https://judge' })).toMatchObject({ intervalMs: 30_000, onNoData: 'hold' });
  });
});
