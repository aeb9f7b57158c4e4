import { describe, expect, it } from 'vitest';
import { NO_TRAFFIC, QuantileSketch, type TrafficCounts } from '#domain/traffic';
import { seededNumbers } from '#testing';
import { gateKeys, type LatencyGate, type RolloutGate } from './gates.ts';
import { type GateView, judgeGates } from './judge-gates.ts';
import { takeBaseline } from './latency-baseline.ts';
import { closeWeight } from './weight-segments.ts';

const sequential = { confidence: 0.999, minRequests: 20, against: 'stable' as const };
const ERROR_RATE: RolloutGate = { metric: 'error-rate', max: 0.01, ...sequential };
const latencyGate = (limit: LatencyGate['limit']): LatencyGate => ({
  metric: 'latency',
  quantile: 0.9,
  limit,
  ...sequential,
});

/** Latencies in ms. */
function latencies(values: readonly number[]): TrafficCounts {
  const latency = new QuantileSketch(0.01);
  for (const value of values) latency.add(value);
  return { requests: values.length, serverErrors: 0, latency };
}

const view = (over: Partial<GateView>): GateView => ({
  gates: [ERROR_RATE],
  traffic: { candidate: NO_TRAFFIC, stable: NO_TRAFFIC },
  history: { closed: [], share: 0.1, baselines: {} },
  readings: new Map(),
  hasBreaker: false,
  ...over,
});
const verdictOn = (gate: RolloutGate, over: Partial<GateView>) => judgeGates(view({ gates: [gate], ...over }))[0];
const numbers = (count: number, of: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => of(index));

describe('judgeGates', () => {
  it('names gates by what they look at, also several of a kind', () => {
    const drift: RolloutGate = {
      metric: 'output-drift',
      output: 'label',
      maxPsi: 0.2,
      confidence: 0.999,
      minRequests: 9,
    };
    const gates: RolloutGate[] = [ERROR_RATE, drift, latencyGate({ kind: 'ratio', maxRatio: 1.2 }), ERROR_RATE];
    expect(gateKeys(gates)).toEqual(['error-rate', 'output-drift/label', 'latency', 'error-rate#2']);
    expect(judgeGates(view({ gates })).map(({ key }) => key)).toEqual(gateKeys(gates));
  });

  it('counts failures of mirrored requests: nobody has to wait for an answer to see that there is none', () => {
    const mirrored = { requests: 5, serverErrors: 5, compared: 0, disagreements: new Map(), shed: 0 };
    const traffic = { candidate: { ...NO_TRAFFIC, mirrored }, stable: { requests: 100, serverErrors: 0 } };
    expect(verdictOn(ERROR_RATE, { traffic })).toMatchObject({ kind: 'fail', evidence: { candidate: { events: 5 } } });
  });

  it('leaves the breakers their part of the chance of a false alarm', () => {
    const alphaWith = (hasBreaker: boolean) => verdictOn(ERROR_RATE, { hasBreaker })?.evidence?.alpha;
    expect(alphaWith(false)).toBeCloseTo(0.001);
    expect(alphaWith(true)).toBeCloseTo(0.0009);
  });

  it('fails a candidate that is slower than an absolute limit allows', () => {
    const gate = latencyGate({ kind: 'absolute', maxMs: 50 });
    const stable = latencies(numbers(900, () => 10));
    const slow = latencies(numbers(60, (index) => (index % 2 === 0 ? 80 : 10)));
    expect(verdictOn(gate, { traffic: { candidate: slow, stable } })).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(/latency: 30 of 60 candidate requests took longer than 50\.0 ms/),
    });
    const fast = latencies(numbers(60, (index) => (index % 20 === 0 ? 80 : 10)));
    expect(verdictOn(gate, { traffic: { candidate: fast, stable } })?.kind).toBe('pass');
  });

  it('takes a relative limit from stable once, judges only what comes after, and excuses a slow hour of both', () => {
    const gate = latencyGate({ kind: 'ratio', maxRatio: 1.5 });
    const early = { candidate: latencies(numbers(10, () => 500)), stable: latencies(numbers(100, () => 10)) };
    expect(verdictOn(gate, { traffic: { ...early, stable: latencies([10]) } })).toMatchObject({
      kind: 'inconclusive',
      reason: 'latency: stable has answered 1 of the 100 requests that the limit is taken from',
    });
    const baseline = takeBaseline(gate, early.candidate, early.stable);
    if (baseline === undefined) throw new Error('no baseline');
    expect(baseline.thresholdMs).toBeCloseTo(15, 0);
    const history = { closed: [], share: 0.1, baselines: { latency: baseline } };
    expect(verdictOn(gate, { traffic: early, history })).toMatchObject({
      kind: 'inconclusive',
      evidence: { candidate: { requests: 0, events: 0 } },
    });
    const later = (candidateMs: number, stableMs: number) => ({
      candidate: latencies([...numbers(10, () => 500), ...numbers(60, () => candidateMs)]),
      stable: latencies([...numbers(100, () => 10), ...numbers(540, () => stableMs)]),
    });
    expect(verdictOn(gate, { traffic: later(40, 10), history })?.kind).toBe('fail');
    expect(verdictOn(gate, { traffic: later(40, 40), history })?.kind).toBe('frozen');
    expect(verdictOn(gate, { traffic: later(12, 10), history })?.kind).toBe('pass');
  });

  it('fails at the first answer that is not finite when none may be', () => {
    const gate: RolloutGate = { metric: 'non-finite-outputs', max: 0, ...sequential };
    const stable = { requests: 900, serverErrors: 0, nonFinite: 0 };
    const candidate = { requests: 30, serverErrors: 0, nonFinite: 1 };
    expect(verdictOn(gate, { traffic: { candidate, stable } })?.kind).toBe('fail');
    expect(verdictOn(gate, { traffic: { candidate: { ...candidate, nonFinite: 0 }, stable } })?.kind).toBe('pass');
  });

  it('fails a candidate that answers mirrored requests otherwise than stable', () => {
    const gate: RolloutGate = { metric: 'agreement', output: 'label', min: 0.98, tolerance: 0.001, ...sequential };
    const mirroredWith = (disagreements: number): TrafficCounts => ({
      ...NO_TRAFFIC,
      mirrored: {
        requests: 200,
        serverErrors: 0,
        compared: 200,
        disagreements: new Map([['label', disagreements]]),
        shed: 0,
      },
    });
    const stable = { requests: 900, serverErrors: 0 };
    expect(verdictOn(gate, { traffic: { candidate: mirroredWith(40), stable } })?.kind).toBe('fail');
    expect(verdictOn(gate, { traffic: { candidate: mirroredWith(2), stable } })?.kind).toBe('pass');
  });

  it('fails drift that is both sure and large, of labels and of numbers, and lets small drift pass', () => {
    const gate: RolloutGate = {
      metric: 'output-drift',
      output: 'y',
      maxPsi: 0.2,
      maxShift: 0.5,
      confidence: 0.999,
      minRequests: 100,
    };
    const labelled = (labels: Record<string, number>): TrafficCounts => ({
      ...NO_TRAFFIC,
      outputs: new Map([['y', { labels: new Map(Object.entries(labels)) }]]),
    });
    const stable = labelled({ a: 3000, b: 6000 });
    const judged = (candidate: TrafficCounts) => verdictOn(gate, { traffic: { candidate, stable } })?.kind;
    expect(judged(labelled({ a: 900, b: 100 }))).toBe('fail');
    expect(judged(labelled({ a: 330, b: 670 }))).toBe('pass');
    expect(judged(labelled({ a: 9, b: 1 }))).toBe('inconclusive');

    const random = seededNumbers(7);
    const numbered = (count: number, shift: number): TrafficCounts => {
      const values = new QuantileSketch(0.05);
      for (let index = 0; index < count; index += 1) values.add(100 + 20 * random() + shift);
      return { ...NO_TRAFFIC, outputs: new Map([['y', { labels: new Map(), values }]]) };
    };
    const traffic = (shift: number) => ({ candidate: numbered(1000, shift), stable: numbered(9000, 0) });
    expect(verdictOn(gate, { traffic: traffic(30) })?.kind).toBe('fail');
    expect(verdictOn(gate, { traffic: traffic(0) })?.kind).toBe('pass');
  });

  it('keeps the errors of each weight apart: a time in which all errors were the candidate’s own traffic proves nothing', () => {
    const at = (candidateErrors: number, stableErrors: number) => ({
      candidate: { requests: 1000, serverErrors: candidateErrors },
      stable: { requests: 1000, serverErrors: stableErrors },
    });
    // 30 and 300 errors at 10 %, then 300 and 30 at 90 %: as likely as the traffic of each.
    const closed = [closeWeight(0.1, [ERROR_RATE], at(30, 300), {})];
    const present = at(330, 330);
    const told = verdictOn(ERROR_RATE, { traffic: present, history: { closed, share: 0.9, baselines: {} } });
    expect(told?.kind).toBe('frozen');
    const mixedUp = verdictOn(ERROR_RATE, { traffic: present, history: { closed: [], share: 0.1, baselines: {} } });
    expect(mixedUp?.kind).toBe('fail');
  });
});

describe('gates that ask somebody else', () => {
  const gate: RolloutGate = {
    metric: 'prometheus',
    query: 'q',
    max: 5,
    intervalMs: 1000,
    consecutive: 2,
    onNoData: 'hold',
  };
  const value = (number: number) => ({ atMs: 0, outcome: { kind: 'value' as const, value: number } });
  const noData = { atMs: 0, outcome: { kind: 'noData' as const, reason: 'an empty vector' } };
  const judged = (over: Partial<typeof gate>, ...readings: (ReturnType<typeof value> | typeof noData)[]) =>
    verdictOn({ ...gate, ...over }, { readings: new Map([['prometheus', readings]]) });

  it('fail after as many bad answers in a row as they say, and pass on a good one', () => {
    expect(judged({})?.kind).toBe('inconclusive');
    expect(judged({}, value(4))?.kind).toBe('pass');
    expect(judged({}, value(4), value(6))?.kind).toBe('inconclusive');
    expect(judged({}, value(6), value(4), value(6))?.kind).toBe('inconclusive');
    expect(judged({}, value(6), value(7))).toMatchObject({
      kind: 'fail',
      reason: 'prometheus: 6 is above 5, then 7 is above 5',
    });
  });

  it('do with no data what they say: never a failure by mistake, never a success', () => {
    expect(judged({}, value(4), noData)).toMatchObject({ kind: 'frozen', reason: expect.stringContaining('an empty') });
    expect(judged({ onNoData: 'rollback' }, noData, noData)?.kind).toBe('fail');
    expect(judged({ onNoData: 'ignore' }, value(4), noData)?.kind).toBe('pass');
    expect(judged({ onNoData: 'ignore' }, noData)?.kind).toBe('pass');
  });
});
