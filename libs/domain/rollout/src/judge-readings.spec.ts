import { describe, expect, it } from 'vitest';
import type { AskedGate, ExternalReading, HttpGate, PrometheusGate } from './gates.ts';
import { judgeReadings } from './judge-readings.ts';

type Outcome = ExternalReading['outcome'];

const prometheus: PrometheusGate = {
  metric: 'prometheus',
  query: 'up',
  min: 1,
  max: 5,
  intervalMs: 30_000,
  consecutive: 2,
  onNoData: 'hold',
};
const http: HttpGate = {
  metric: 'http',
  url: 'https://hooks.example/',
  intervalMs: 30_000,
  consecutive: 1,
  onNoData: 'hold',
};
const nothing: Outcome = { kind: 'noData', reason: 'no series' };

function judge(gate: AskedGate, ...outcomes: readonly (Outcome | number)[]) {
  const readings = outcomes.map((outcome, index) => ({
    atMs: index,
    outcome: typeof outcome === 'number' ? ({ kind: 'value', value: outcome } as const) : outcome,
  }));
  return judgeReadings(gate, gate.metric, readings);
}

describe('readings of a Prometheus gate', () => {
  it.each([
    ['no reading yet decides nothing', [], 'inconclusive'],
    ['a value on the limit passes', [5], 'pass'],
    ['a value above the limit is not enough when two in a row are asked for', [5.1], 'inconclusive'],
    ['two values beyond the limits fail, one on either side', [0.5, 6], 'fail'],
    ['a good value in between begins anew', [6, 3, 6], 'inconclusive'],
    ['a bad value that is over passes', [6, 3], 'pass'],
    ['more bad ones than needed fail still', [6, 6, 6], 'fail'],
    ['a ratio to nothing is above every limit', [Infinity, Infinity], 'fail'],
  ] as const)('%s', (_name, outcomes, kind) => {
    expect(judge(prometheus, ...outcomes).kind).toBe(kind);
  });

  it('tell all values that failed, and what was warned of', () => {
    const warned: Outcome = { kind: 'value', value: 9, warnings: ['a store is down'] };
    expect(judge(prometheus, 0.5, warned).reason).toBe(
      'prometheus: 0.5 is below 1, then 9 is above 5 (with a warning: a store is down)',
    );
  });
});

describe('a reading without data', () => {
  const gateThat = (onNoData: PrometheusGate['onNoData']) => ({ ...prometheus, onNoData });

  it.each([
    ['holds', 'hold', [3, nothing], 'frozen'],
    ['holds even after a bad one, because that one is not in a row with anything', 'hold', [6, nothing], 'frozen'],
    ['is over once there is data again', 'hold', [nothing, 3], 'pass'],
    ['is bad where it shall roll back', 'rollback', [3, nothing], 'inconclusive'],
    ['rolls back with another bad one', 'rollback', [6, nothing], 'fail'],
    ['is skipped where it is ignored', 'ignore', [3, nothing], 'pass'],
    ['does not interrupt bad ones where it is ignored', 'ignore', [6, nothing, 6], 'fail'],
    ['decides nothing where there is no other, and it is ignored', 'ignore', [nothing], 'inconclusive'],
  ] as const)('%s', (_name, onNoData, outcomes, kind) => {
    expect(judge(gateThat(onNoData), ...outcomes).kind).toBe(kind);
  });

  it('tells why there is none', () => {
    expect(judge(prometheus, nothing).reason).toBe('prometheus: no data: no series');
    expect(judge(gateThat('ignore'), nothing).reason).toBe(
      'prometheus: no answer yet; no data, which is ignored: no series',
    );
  });
});

describe('verdicts of an HTTP gate', () => {
  const verdict = (said: 'pass' | 'fail' | 'hold'): Outcome => ({
    kind: 'verdict',
    verdict: said,
    reason: `it ${said}s`,
  });

  it.each([
    ['pass', 'pass'],
    ['fail', 'fail'],
    ['hold', 'frozen'],
  ] as const)('%s', (said, kind) => {
    expect(judge(http, verdict(said))).toEqual({ kind, reason: `http: it ${said}s` });
  });

  it('count in a row, too', () => {
    const patient = { ...http, consecutive: 2 };
    expect(judge(patient, verdict('fail')).kind).toBe('inconclusive');
    expect(judge(patient, verdict('fail'), verdict('hold'), verdict('fail')).kind).toBe('inconclusive');
    expect(judge(patient, verdict('fail'), verdict('fail')).kind).toBe('fail');
  });
});
