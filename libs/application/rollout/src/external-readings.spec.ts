import { beforeEach, describe, expect, it } from 'vitest';
import type { AskedGate, ExternalReading, HttpGate, PrometheusGate, RolloutGate } from '#domain/rollout';
import { NO_TRAFFIC } from '#domain/traffic';
import { ManualClock, settled } from '#testing';
import { type AskedRollout, ExternalReadings, type GateProvider, type GateSubject } from './index.ts';

type Outcome = ExternalReading['outcome'];

const KEY = 'default/digits';
const prometheus: PrometheusGate = {
  metric: 'prometheus',
  query: 'up',
  max: 1,
  intervalMs: 30_000,
  consecutive: 1,
  onNoData: 'hold',
};
const hook: HttpGate = {
  metric: 'http',
  url: 'https://hooks.example/',
  intervalMs: 4000,
  consecutive: 1,
  onNoData: 'hold',
};
const errorRate: RolloutGate = {
  metric: 'error-rate',
  max: 0.01,
  against: 'stable',
  confidence: 0.999,
  minRequests: 20,
};

/** Somebody whose answers a test gives. */
class ScriptedProvider implements GateProvider {
  readonly questions: {
    readonly gate: AskedGate;
    readonly about: GateSubject;
    readonly signal: AbortSignal;
    readonly answer: (outcome: Outcome) => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  ask(gate: AskedGate, about: GateSubject, signal: AbortSignal): Promise<Outcome> {
    return new Promise((answer, fail) => this.questions.push({ gate, about, signal, answer, fail }));
  }

  async answer(outcome: Outcome): Promise<void> {
    this.questions.at(-1)?.answer(outcome);
    await settled();
  }
}

const value = (number: number): Outcome => ({ kind: 'value', value: number });

describe('external readings', () => {
  let clock: ManualClock;
  let provider: ScriptedProvider;
  let told: string[];
  let readings: ExternalReadings;

  beforeEach(() => {
    clock = new ManualClock();
    provider = new ScriptedProvider();
    told = [];
    readings = new ExternalReadings({ provider, scheduler: clock, onReading: (key) => told.push(key) });
  });

  function rollout(gates: readonly RolloutGate[], change: Partial<GateSubject> = {}): AskedRollout {
    const subject = {
      namespace: 'default',
      name: 'digits',
      candidate: { version: 2 },
      stable: { version: 1 },
      rolloutId: 'r1',
      weightPercent: 5,
      startedAtMs: 0,
      observed: () => ({ candidate: NO_TRAFFIC, stable: NO_TRAFFIC }),
      ...change,
    };
    return { subject, gates };
  }

  const outcomes = (gateKey: string) =>
    readings
      .of(KEY)
      .get(gateKey)
      ?.map(({ outcome }) => outcome);

  it('are taken at once, and then at the interval', async () => {
    readings.follow(KEY, rollout([errorRate, prometheus]));
    expect(provider.questions).toHaveLength(1);
    await clock.advance(200);
    await provider.answer(value(1));
    expect(readings.of(KEY)).toEqual(new Map([['prometheus', [{ atMs: 200, outcome: value(1) }]]]));
    expect(told).toEqual([KEY]);
    await clock.advance(29_799);
    expect(provider.questions).toHaveLength(1);
    await clock.advance(1);
    expect(provider.questions).toHaveLength(2);
    await provider.answer(value(2));
    expect(outcomes('prometheus')).toEqual([value(1), value(2)]);
  });

  it('go on when the same rollout is followed again, and tell of its newest weight', async () => {
    readings.follow(KEY, rollout([prometheus]));
    await provider.answer(value(1));
    readings.follow(KEY, rollout([prometheus], { weightPercent: 50 }));
    expect(provider.questions).toHaveLength(1);
    await clock.advance(30_000);
    expect(provider.questions[1]?.about.weightPercent).toBe(50);
    expect(outcomes('prometheus')).toEqual([value(1)]);
  });

  it('are kept for each gate by its key, also where two gates ask alike', async () => {
    readings.follow(KEY, rollout([prometheus, errorRate, prometheus, hook]));
    expect(provider.questions).toHaveLength(3);
    for (const [index, question] of provider.questions.entries()) question.answer(value(index));
    await settled();
    expect(outcomes('prometheus')).toEqual([value(0)]);
    expect(outcomes('prometheus#2')).toEqual([value(1)]);
    expect(outcomes('http')).toEqual([value(2)]);
  });

  it('are no data after ten seconds of silence', async () => {
    readings.follow(KEY, rollout([prometheus]));
    await clock.advance(9999);
    expect(outcomes('prometheus')).toEqual([]);
    await clock.advance(1);
    expect(outcomes('prometheus')).toEqual([{ kind: 'noData', reason: 'no answer within 10000 ms' }]);
    expect(provider.questions[0]?.signal.aborted).toBe(true);
    await provider.answer(value(1));
    expect(outcomes('prometheus')).toHaveLength(1);
  });

  it('are no data before the next question where the interval is short, one for each', async () => {
    readings.follow(KEY, rollout([hook]));
    for (let round = 1; round <= 3; round += 1) {
      provider.questions.at(-1)?.signal.addEventListener('abort', () => void provider.answer(value(0)));
      await clock.advance(4000);
      expect(provider.questions).toHaveLength(round + 1);
      expect(outcomes('http')).toEqual(Array(round).fill({ kind: 'noData', reason: 'no answer within 3600 ms' }));
    }
  });

  it('never ask two questions of one gate at once', async () => {
    readings.follow(KEY, rollout([prometheus]));
    await clock.advance(90_000);
    // The provider ignores the signal.
    expect(provider.questions).toHaveLength(1);
    const notEnded: Outcome = { kind: 'noData', reason: 'the question before has not ended yet' };
    expect(outcomes('prometheus')?.slice(1)).toEqual([notEnded, notEnded, notEnded]);
    await provider.answer(value(1));
    await clock.advance(30_000);
    expect(provider.questions).toHaveLength(2);
  });

  it('are no data where asking throws', async () => {
    readings.follow(KEY, rollout([prometheus]));
    provider.questions[0]?.fail(new Error('out of sockets'));
    await settled();
    expect(outcomes('prometheus')).toEqual([{ kind: 'noData', reason: 'asking failed: out of sockets' }]);
  });

  it('are the newest twenty', async () => {
    readings.follow(KEY, rollout([prometheus]));
    for (let number = 1; number <= 25; number += 1) {
      await provider.answer(value(number));
      await clock.advance(30_000);
    }
    expect(outcomes('prometheus')).toEqual(Array.from({ length: 20 }, (_, index) => value(index + 6)));
  });

  it('of another rollout are forgotten, its question is aborted and its answer dropped', async () => {
    readings.follow(KEY, rollout([prometheus]));
    await provider.answer(value(1));
    await clock.advance(30_000);
    readings.follow(KEY, rollout([prometheus], { rolloutId: 'r2' }));
    expect(provider.questions[1]?.signal.aborted).toBe(true);
    provider.questions[1]?.answer(value(7));
    await settled();
    expect(outcomes('prometheus')).toEqual([]);
    await provider.answer(value(2));
    expect(outcomes('prometheus')).toEqual([value(2)]);
  });

  it.each([
    ['a rollout that ended', () => readings.follow(KEY, undefined)],
    ['a controller that stops', () => readings.stop()],
  ])('leave neither timers nor questions behind for %s', async (_name, end) => {
    readings.follow(KEY, rollout([prometheus, hook]));
    readings.follow('default/other', rollout([prometheus], { name: 'other' }));
    readings.follow('default/other', undefined);
    end();
    expect(clock.timerCount).toBe(0);
    expect(provider.questions.map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
    expect(readings.of(KEY).size).toBe(0);
    await clock.advance(60_000);
    expect(provider.questions).toHaveLength(3);
    expect(told).toEqual([]);
  });

  it('are not taken where no gate asks anybody', () => {
    readings.follow(KEY, rollout([errorRate]));
    expect(provider.questions).toHaveLength(0);
    expect(clock.timerCount).toBe(0);
  });
});
