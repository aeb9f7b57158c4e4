import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, isDomainError } from '#domain/errors';
import type { SequenceOptions } from '#domain/inference';
import { callOf, floats, floatsOf, ManualClock, ScriptedRunner, settled } from '#testing';
import type { InferenceCall, InferenceRunner } from './inference-call.ts';
import { SequenceRunner } from './sequence-runner.ts';
import type { ServedVersion } from './serving-snapshot.ts';

/** sum = x + before; the sum is the state as well. */
const served: ServedVersion = {
  model: 'accumulator',
  version: 1,
  build: 'accumulator@1',
  signature: {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 1] },
      { name: 'before', datatype: 'FP32', shape: [-1, 1] },
      { name: 'begins', datatype: 'INT32', shape: [1] },
      { name: 'ends', datatype: 'BOOL', shape: [-1, 1] },
    ],
    outputs: [
      { name: 'sum', datatype: 'FP32', shape: [-1, 1] },
      { name: 'after', datatype: 'FP32', shape: [-1, 1] },
    ],
  },
  variants: [],
};

const START = { isStart: true, isEnd: false };
const MIDDLE = { isStart: false, isEnd: false };
const END = { isStart: false, isEnd: true };

function sequencesOn(inner: InferenceRunner, over: Partial<SequenceOptions> = {}) {
  const clock = new ManualClock();
  const options: SequenceOptions = {
    states: [{ output: 'after', input: 'before' }],
    startInput: 'begins',
    endInput: 'ends',
    maxSequences: 3,
    maxIdleMs: 1000,
    ...over,
  };
  const runner = new SequenceRunner(inner, served, options, { monotonicMs: clock.nowMs, after: clock.after });
  const send = (
    id: string,
    flags: { isStart: boolean; isEnd: boolean },
    values: readonly number[],
    rest: Partial<InferenceCall> = {},
  ) =>
    runner.run(
      callOf({
        inputs: [floats('x', values, [values.length, 1])],
        outputNames: ['sum'],
        sequence: { id, ...flags },
        deadlineAtMs: 1_000_000,
        ...rest,
      }),
    );
  const sums = async (...args: Parameters<typeof send>) =>
    send(...args).then(
      ({ outputs }) => outputs.flatMap(floatsOf),
      (error: unknown) => (isDomainError(error) ? error.code : error),
    );
  return { clock, runner, send, sums };
}

const inputOf = (call: InferenceCall, name: string) => {
  const found = call.inputs.find((tensor) => tensor.name === name);
  if (found === undefined) throw new Error(`no input ${name}`);
  return found;
};

/** The model itself: adds what it is given, rows at once, in as many turns of the loop as it is told. */
class Accumulator implements InferenceRunner {
  readonly calls: InferenceCall[] = [];
  readonly failures: unknown[] = [];
  turns: () => number = () => 0;

  async run(call: InferenceCall) {
    this.calls.push(call);
    for (let turn = this.turns(); turn > 0; turn -= 1) await settled();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const before = floatsOf(inputOf(call, 'before'));
    const sums = floatsOf(inputOf(call, 'x')).map((value, row) => value + (before[row] ?? Number.NaN));
    const outputs = call.outputNames.map((name) => floats(name, sums, [sums.length, 1]));
    return { outputs, rows: 1, batchSize: 1, queueMs: 2, runMs: 1 };
  }
}

describe('SequenceRunner', () => {
  it('hands on the state within a sequence, begins with zeros, and keeps sequences apart', async () => {
    const { sums } = sequencesOn(new Accumulator());
    expect(await sums('a', START, [1])).toEqual([1]);
    expect(await sums('b', START, [10])).toEqual([10]);
    expect(await sums('a', MIDDLE, [2])).toEqual([3]);
    expect(await sums('b', END, [20])).toEqual([30]);
    expect(await sums('a', END, [3])).toEqual([6]);
  });

  it('tells the model of the first and the last run, in the datatypes and shapes of its inputs', async () => {
    const model = new Accumulator();
    const { sums } = sequencesOn(model);
    await sums('a', START, [1, 2]);
    await sums('a', MIDDLE, [1, 2]);
    await sums('a', { isStart: true, isEnd: true }, [1, 2]);
    const control = (name: string) =>
      model.calls.map((call) => ({ shape: inputOf(call, name).shape, bytes: [...inputOf(call, name).data] }));
    expect(control('begins')).toEqual([
      { shape: [1], bytes: [1, 0, 0, 0] },
      { shape: [1], bytes: [0, 0, 0, 0] },
      { shape: [1], bytes: [1, 0, 0, 0] },
    ]);
    expect(control('ends').map(({ bytes }) => bytes)).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(control('ends')[0]?.shape).toEqual([2, 1]);
  });

  it('answers state to those who ask for it, and to nobody else', async () => {
    const model = new Accumulator();
    const { send } = sequencesOn(model);
    const unasked = await send('a', START, [1]);
    expect(unasked.outputs.map(({ name }) => name)).toEqual(['sum']);
    const asked = await send('a', MIDDLE, [1], { outputNames: ['after', 'sum'] });
    expect(asked.outputs.map(({ name }) => name)).toEqual(['after', 'sum']);
    expect(model.calls.map(({ outputNames }) => outputNames)).toEqual([
      ['sum', 'after'],
      ['after', 'sum'],
    ]);
  });

  it('keeps state of its own: what the runner answered may be written over', async () => {
    const inner = new ScriptedRunner();
    const { send } = sequencesOn(inner);
    const shared = floats('after', [5], [1, 1]);
    const first = send('a', START, [5]);
    await settled();
    inner.at(0).answer([floats('sum', [5], [1, 1]), shared]);
    await first;
    shared.data.fill(0);
    void send('a', MIDDLE, [1]);
    await settled();
    expect(floatsOf(inputOf(inner.at(1).call, 'before'))).toEqual([5]);
  });

  it('refuses what belongs to no sequence, in the words of Triton', async () => {
    const { send } = sequencesOn(new Accumulator());
    await expect(send('7', MIDDLE, [1])).rejects.toThrow(
      "inference request for sequence 7 to model 'accumulator' must specify the START flag on the first request of the sequence",
    );
    await expect(send('7', MIDDLE, [1], { sequence: undefined })).rejects.toThrow(/must specify a sequence_id/);
    await send('7', { isStart: true, isEnd: true }, [1]);
    await expect(send('7', MIDDLE, [1])).rejects.toMatchObject({ code: 'SEQUENCE_INVALID' });
  });

  it('begins anew at a start, whatever was before', async () => {
    const { sums, runner } = sequencesOn(new Accumulator());
    await sums('a', START, [1]);
    expect(await sums('a', START, [5])).toEqual([5]);
    expect(runner.sequenceCount).toBe(1);
  });

  it('ends a sequence when a request of it fails: those behind it fail too, and a new start helps', async () => {
    const model = new Accumulator();
    const { sums, send } = sequencesOn(model);
    await sums('a', START, [1]);
    model.failures.push(new DomainError('MODEL_RUN_FAILED', 'no'));
    const outcomes = Promise.all([sums('a', MIDDLE, [1]), sums('a', MIDDLE, [2]), sums('a', START, [7])]);
    expect(await outcomes).toEqual(['MODEL_RUN_FAILED', 'SEQUENCE_ENDED', [7]]);
    model.failures.push(new DomainError('RUNNER_LOST', 'no'));
    expect(await sums('a', MIDDLE, [1])).toBe('RUNNER_LOST');
    await expect(send('a', MIDDLE, [1])).rejects.toThrow(
      /is over, as a request of it failed \(RUNNER_LOST\): start it again/,
    );
  });

  it('goes on after a request that was refused before it ran, unless others were behind it', async () => {
    const model = new Accumulator();
    const { sums } = sequencesOn(model);
    const full = new DomainError('QUEUE_FULL', 'full');
    await sums('a', START, [1]);
    model.failures.push(full);
    expect(await sums('a', MIDDLE, [2])).toBe('QUEUE_FULL');
    expect(await sums('a', MIDDLE, [2])).toEqual([3]);
    expect(await sums('a', MIDDLE, [1, 2])).toBe('TENSOR_INVALID');
    expect(await sums('a', MIDDLE, [3])).toEqual([6]);
    model.failures.push(full);
    const outcomes = Promise.all([sums('a', MIDDLE, [1]), sums('a', MIDDLE, [2])]);
    expect(await outcomes).toEqual(['QUEUE_FULL', 'SEQUENCE_ENDED']);
  });

  it('gives up a request whose time is up before its turn, and with it the sequence', async () => {
    const inner = new ScriptedRunner();
    const { sums, clock } = sequencesOn(inner);
    const first = sums('a', START, [1]);
    const hurried = sums('a', MIDDLE, [2], { deadlineAtMs: 50 });
    const last = sums('a', MIDDLE, [3]);
    await clock.advance(50);
    expect(await hurried).toBe('DEADLINE_EXCEEDED');
    inner.at(0).answer([floats('sum', [1], [1, 1]), floats('after', [1], [1, 1])]);
    expect(await Promise.all([first, last])).toEqual([[1], 'SEQUENCE_ENDED']);
    expect(inner.calls).toHaveLength(1);
  });

  it('keeps no more sequences than it may, until one ends', async () => {
    const { sums, runner } = sequencesOn(new Accumulator(), { maxSequences: 2 });
    await sums('a', START, [1]);
    await sums('b', START, [1]);
    expect(await sums('c', START, [1])).toBe('SEQUENCES_FULL');
    expect(await sums('b', MIDDLE, [1])).toEqual([2]);
    await sums('a', END, [1]);
    expect(await sums('c', START, [1])).toEqual([1]);
    expect(['a', 'b', 'c'].map((id) => runner.holds(id))).toEqual([false, true, true]);
  });

  it('forgets a sequence that rests for too long, says so, and leaves no timer behind', async () => {
    const { sums, send, runner, clock } = sequencesOn(new Accumulator(), { maxIdleMs: 100 });
    await sums('a', START, [1]);
    await clock.advance(99);
    expect(await sums('a', MIDDLE, [1])).toEqual([2]);
    await clock.advance(100);
    await expect(send('a', MIDDLE, [1])).rejects.toThrow(/is over, as it rested for longer than 100 ms/);
    await sums('a', START, [1]);
    await clock.advance(300);
    expect(runner.sequenceCount).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it('counts the waiting for its turn as waiting', async () => {
    const inner = new ScriptedRunner();
    const { send, clock } = sequencesOn(inner);
    void send('a', START, [1]);
    const second = send('a', MIDDLE, [1]);
    await clock.advance(30);
    const after = [floats('sum', [1], [1, 1]), floats('after', [1], [1, 1])];
    inner.at(0).answer(after);
    await settled();
    inner.at(1).answer(after);
    expect((await second).queueMs).toBe(30);
  });

  it('adds up right in every sequence, one run of each at a time, however requests and answers cross', async () => {
    const request = fc.record({ id: fc.constantFrom('a', 'b', 'c'), value: fc.integer({ min: 1, max: 9 }) });
    const turns = fc.array(fc.nat(3), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 25 }), turns, async (requests, delays) => {
        const model = new Accumulator();
        let count = 0;
        model.turns = () => delays[count++ % delays.length] ?? 0;
        const { sums } = sequencesOn(model);
        const totals = new Map<string, number>();
        const sent = requests.map(({ id, value }) => {
          const isStart = !totals.has(id);
          totals.set(id, (totals.get(id) ?? 0) + value);
          return { expected: [totals.get(id)], answer: sums(id, { isStart, isEnd: false }, [value]) };
        });
        for (const { expected, answer } of sent) expect(await answer).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
