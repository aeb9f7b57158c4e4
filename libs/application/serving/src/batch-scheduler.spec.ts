import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { BatchingOptions, Tensor } from '#domain/inference';
import { BatchScheduler, type HostedModel, type InferenceCall, type RunAnswer, type RunRequest } from './index.ts';

const signature = {
  inputs: [{ name: 'x', datatype: 'UINT8' as const, shape: [-1, -1] }],
  outputs: [{ name: 'y', datatype: 'UINT8' as const, shape: [-1, -1] }],
};

/** A model that gives back what it gets, when the test lets it. */
class ManualModel implements HostedModel {
  readonly profile = { intraOpThreads: 1, runMs: 10, isRowIndependent: true };
  freeRuns = 16;
  readonly runs: { request: RunRequest; resolve: (answer: RunAnswer) => void; reject: (error: Error) => void }[] = [];

  run(request: RunRequest): Promise<RunAnswer> {
    return new Promise((resolve, reject) => this.runs.push({ request, resolve, reject }));
  }

  async close(): Promise<void> {}

  /** The rows of every run so far. */
  get sizes(): number[] {
    return this.runs.map(({ request }) => request.inputs[0]?.shape[0] ?? 0);
  }

  answer(index: number): void {
    const { request, resolve } = this.runs[index]!;
    const outputs = request.inputs.map(({ pieces, ...tensor }) => ({
      ...tensor,
      name: 'y',
      data: Buffer.concat(pieces),
    }));
    resolve({ outputs, runMs: 10 });
  }
}

function schedule({
  batching = {},
  models = [new ManualModel()],
}: {
  batching?: Partial<BatchingOptions>;
  models?: ManualModel[];
} = {}) {
  const clock = { nowMs: 0, timers: [] as { atMs: number; task: () => void }[] };
  const due: (() => void)[] = [];
  const scheduler = new BatchScheduler(
    signature,
    {
      batching: { maxBatchSize: undefined, maxDelayMs: 0, preferredSizes: [], ...batching },
      deadlineMs: 1000,
      maxConcurrency: 100,
    },
    {
      monotonicMs: () => clock.nowMs,
      after: (delayMs, task) => {
        const timer = { atMs: clock.nowMs + delayMs, task };
        clock.timers.push(timer);
        return () => void clock.timers.splice(clock.timers.indexOf(timer), 1);
      },
      soon: (task) => void due.push(task),
      observeRun: () => {},
      onIdle: () => {},
    },
  );
  for (const model of models) scheduler.add(model);
  const turn = async () => {
    for (const task of due.splice(0)) task();
    await new Promise((resolve) => setImmediate(resolve));
    for (const task of due.splice(0)) task();
  };
  return {
    scheduler,
    model: models[0]!,
    turn,
    advanceTo: (nowMs: number) => {
      clock.nowMs = nowMs;
      for (const { atMs, task } of [...clock.timers]) if (atMs <= nowMs) task();
    },
  };
}

const tensor = (values: number[], width = values.length): Tensor => ({
  name: 'x',
  datatype: 'UINT8',
  shape: [values.length / width, width],
  data: Uint8Array.from(values),
});
const call = (values: number[], over: Partial<InferenceCall> & { width?: number } = {}): InferenceCall => {
  const { width = values.length, ...rest } = over;
  return {
    inputs: [tensor(values, width)],
    outputNames: ['y'],
    deadlineAtMs: 1000,
    priority: 0,
    sequence: undefined,
    isRetriedOnLoss: true,
    ...rest,
  };
};
const valuesOf = ({ outputs }: { outputs: readonly Tensor[] }) => [...(outputs[0]?.data ?? [])];

describe('BatchScheduler', () => {
  it('runs what arrived in one turn together, and what came during a run in the next one', async () => {
    const { scheduler, model, turn } = schedule();
    const first = [scheduler.run(call([1])), scheduler.run(call([2]))];
    await turn();
    const later = [3, 4, 5].map((value) => scheduler.run(call([value])));
    await turn();
    expect(model.sizes).toEqual([2]);
    model.answer(0);
    expect((await Promise.all(first)).map(valuesOf)).toEqual([[1], [2]]);
    expect(model.sizes).toEqual([2, 3]);
    model.answer(1);
    const runs = await Promise.all(later);
    expect(runs.map(valuesOf)).toEqual([[3], [4], [5]]);
    expect(runs.map(({ batchSize }) => batchSize)).toEqual([3, 3, 3]);
  });

  it('gives every call its own rows, whatever shapes and sizes are mixed', async () => {
    const request = fc.record({ width: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 30 }), async (requests) => {
        const { scheduler, model, turn } = schedule({ batching: { maxBatchSize: 8 } });
        const wanted = requests.map(({ width, rows }, index) => Array<number>(width * rows).fill(index));
        const answers = requests.map(({ width }, index) => scheduler.run(call(wanted[index]!, { width })));
        await turn();
        for (let index = 0; index < model.runs.length; index += 1) {
          model.answer(index);
          await turn();
        }
        expect((await Promise.all(answers)).map(valuesOf)).toEqual(wanted);
        expect(model.sizes.every((size) => size <= 8)).toBe(true);
        expect(model.sizes.reduce((sum, size) => sum + size, 0)).toBe(
          requests.reduce((sum, { rows }) => sum + rows, 0),
        );
      }),
    );
  });

  it('pads nothing: calls of different lengths are different runs', async () => {
    const { scheduler, model, turn } = schedule();
    void scheduler.run(call([1, 1]));
    void scheduler.run(call([2, 2, 2]));
    void scheduler.run(call([3, 3]));
    await turn();
    expect(model.runs[0]?.request.inputs[0]?.shape).toEqual([2, 2]);
    model.answer(0);
    await turn();
    expect(model.runs[1]?.request.inputs[0]?.shape).toEqual([1, 3]);
  });

  it('spreads calls over instances before it makes any of them wait', async () => {
    const models = [new ManualModel(), new ManualModel()];
    const { scheduler, turn } = schedule({ models, batching: { maxBatchSize: 1 } });
    void scheduler.run(call([1]));
    void scheduler.run(call([2]));
    await turn();
    expect(models.map((model) => model.sizes)).toEqual([[1], [1]]);
  });

  it('sends a full run ahead, and nothing that others could still join', async () => {
    const { scheduler, model, turn } = schedule({ batching: { maxBatchSize: 2 } });
    for (const value of [1, 2, 3, 4, 5]) void scheduler.run(call([value]));
    await turn();
    expect(model.sizes).toEqual([2, 2]);
    model.answer(0);
    await turn();
    expect(model.sizes).toEqual([2, 2]);
    model.answer(1);
    await turn();
    expect(model.sizes).toEqual([2, 2, 1]);
  });

  it('waits for company only when told to, and no longer', async () => {
    const { scheduler, model, turn, advanceTo } = schedule({ batching: { maxDelayMs: 10 } });
    void scheduler.run(call([1]));
    await turn();
    expect(model.sizes).toEqual([]);
    advanceTo(9);
    void scheduler.run(call([2]));
    await turn();
    expect(model.sizes).toEqual([]);
    advanceTo(10);
    expect(model.sizes).toEqual([2]);
  });

  it('cuts runs down to a preferred size that is full', async () => {
    const { scheduler, model, turn } = schedule({ batching: { preferredSizes: [2, 4] } });
    for (let value = 0; value < 7; value += 1) void scheduler.run(call([value]));
    await turn();
    for (let index = 0; index < 3; index += 1) {
      model.answer(index);
      await turn();
    }
    expect(model.sizes).toEqual([4, 2, 1]);
  });

  it('serves by priority, then by arrival', async () => {
    const { scheduler, model, turn } = schedule({ batching: { maxBatchSize: 1 } });
    const order = [0, 5, 1, 0, 70_000, 1];
    order.forEach((priority, index) => void scheduler.run(call([index], { priority })));
    await turn();
    for (let index = 0; index < order.length; index += 1) {
      model.answer(index);
      await turn();
    }
    const served = model.runs.map(({ request }) => request.inputs[0]?.pieces[0]?.[0]);
    expect(served).toEqual([2, 5, 1, 0, 3, 4]);
  });

  it('never begins a call past its deadline, and answers it on time', async () => {
    const { scheduler, model, turn, advanceTo } = schedule({ batching: { maxBatchSize: 1 } });
    void scheduler.run(call([1]));
    void scheduler.run(call([2]));
    const late = scheduler.run(call([3], { deadlineAtMs: 50 }));
    const gone = scheduler.run(call([4], { expiresAtMs: 40 }));
    await turn();
    advanceTo(50);
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    model.answer(0);
    model.answer(1);
    await expect(gone).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    await turn();
    expect(model.sizes).toEqual([1, 1]);
    expect(scheduler.callsInWork).toBe(0);
  });

  it('lets only the culprit of a failed run fail', async () => {
    const { scheduler, model, turn } = schedule();
    const answers = [1, 2, 3].map((value) => scheduler.run(call([value])));
    const culprit = expect(answers[1]).rejects.toThrow('this one');
    await turn();
    model.runs[0]?.reject(new DomainError('MODEL_RUN_FAILED', 'one of them'));
    await turn();
    model.answer(1);
    await turn();
    model.runs[2]?.reject(new DomainError('MODEL_RUN_FAILED', 'this one'));
    await turn();
    model.answer(3);
    await culprit;
    expect(valuesOf(await answers[0]!)).toEqual([1]);
    expect(valuesOf(await answers[2]!)).toEqual([3]);
  });

  it('runs calls of a lost runner once more, alone, on the next one', async () => {
    const { scheduler, model, turn } = schedule();
    const again = scheduler.run(call([1]));
    const fallback = scheduler.run(call([2], { isRetriedOnLoss: false }));
    await turn();
    model.freeRuns = 0;
    scheduler.remove(model);
    model.runs[0]?.reject(new DomainError('RUNNER_LOST', 'gone'));
    await expect(fallback).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    const next = new ManualModel();
    scheduler.add(next);
    await turn();
    next.runs[0]?.reject(new DomainError('RUNNER_LOST', 'gone again'));
    await expect(again).rejects.toThrow('gone again');
  });

  it('fails calls at once when nobody is going to answer them, also those that come back from a lost runner', async () => {
    const { scheduler, model, turn } = schedule();
    const running = scheduler.run(call([1]));
    await turn();
    const waiting = scheduler.run(call([2]));
    scheduler.remove(model);
    scheduler.giveUp(new DomainError('MODEL_VERSION_NOT_READY', 'given up'));
    await expect(waiting).rejects.toThrow('given up');
    model.runs[0]?.reject(new DomainError('RUNNER_LOST', 'gone'));
    await expect(running).rejects.toThrow('given up');
    await expect(scheduler.run(call([3]))).rejects.toThrow('given up');
    const next = new ManualModel();
    scheduler.add(next);
    const answered = scheduler.run(call([4]));
    await turn();
    next.answer(0);
    expect(valuesOf(await answered)).toEqual([4]);
  });

  it('fails the calls of an answer that cannot be taken apart, and goes on', async () => {
    const { scheduler, model, turn } = schedule();
    const answers = [1, 2].map((value) => expect(scheduler.run(call([value]))).rejects.toThrow(RangeError));
    await turn();
    // A text whose length is beyond the data.
    const output = { name: 'y', datatype: 'BYTES' as const, shape: [2], data: Uint8Array.from([9, 0, 0, 0]) };
    model.runs[0]?.resolve({ outputs: [output], runMs: 1 });
    await Promise.all(answers);
    const next = scheduler.run(call([3]));
    await turn();
    model.answer(1);
    expect(valuesOf(await next)).toEqual([3]);
  });

  it('lets a call that ends its runners take no other along', async () => {
    const { scheduler, model, turn } = schedule({ batching: { maxBatchSize: 1 } });
    const deadly = scheduler.run(call([6]));
    const others = [1, 2, 3].map((value) => scheduler.run(call([value])));
    const killed = expect(deadly).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    let runner = model;
    const valuesSent = () => runner.runs.map(({ request }) => request.inputs[0]?.pieces[0]?.[0]);
    await turn();
    for (let losses = 0; losses < 2; losses += 1) {
      expect(valuesSent()[0]).toBe(6);
      scheduler.remove(runner);
      for (const { reject } of runner.runs) reject(new DomainError('RUNNER_LOST', 'gone'));
      await turn();
      runner = new ManualModel();
      scheduler.add(runner);
      await turn();
    }
    await killed;
    // The one that was lost with it is not above suspicion yet; the others never ran.
    expect(valuesSent()).toEqual([1]);
    runner.answer(0);
    await turn();
    expect(valuesSent()).toEqual([1, 2, 3]);
    runner.answer(1);
    runner.answer(2);
    expect((await Promise.all(others)).map(valuesOf)).toEqual([[1], [2], [3]]);
  });

  it('stops joining calls to a model whose outputs do not have their rows', async () => {
    const { scheduler, model, turn } = schedule();
    const answers = [scheduler.run(call([1])), scheduler.run(call([2]))];
    await turn();
    const output = { name: 'y', datatype: 'UINT8' as const, shape: [1, 1], data: Uint8Array.from([9]) };
    model.runs[0]?.resolve({ outputs: [output], runMs: 1 });
    await turn();
    expect(scheduler.maxBatchSize).toBe(1);
    model.answer(1);
    await turn();
    model.answer(2);
    expect((await Promise.all(answers)).map(valuesOf)).toEqual([[1], [2]]);
  });

  it('computes no more rows together than well within the time of a run', async () => {
    const { scheduler, model, turn } = schedule();
    // At 10 ms a row, 25 rows take a quarter of the deadline.
    for (let count = 0; count < 60; count += 1) void scheduler.run(call([1]));
    await turn();
    model.answer(0);
    await turn();
    expect(model.sizes).toEqual([25, 25]);
    // Together they turn out to be faster: 10 ms for all of them.
    model.answer(1);
    await turn();
    for (let count = 0; count < 60; count += 1) void scheduler.run(call([1]));
    model.answer(2);
    await turn();
    expect(model.sizes[3]).toBeGreaterThan(28);
  });

  it('refuses at once what cannot be answered in time, as long as it knows how long a call takes', async () => {
    const { scheduler, model, turn } = schedule({ batching: { maxBatchSize: 1 } });
    // At 10 ms a call, 75 calls take three quarters of the deadline.
    const taken = Array.from({ length: 76 }, () => scheduler.run(call([1])));
    await expect(scheduler.run(call([2]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await turn();
    for (let index = 0; index < taken.length; index += 1) {
      model.runs[index]?.resolve({ outputs: [{ ...tensor([1]), name: 'y' }], runMs: 100 });
      await turn();
    }
    await Promise.all(taken);
    // It has become slower.
    for (let count = 0; count < 8; count += 1) void scheduler.run(call([1]));
    await expect(scheduler.run(call([2]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('begins no call so late that it ends after its deadline, unless it has nothing else to do', async () => {
    const { scheduler, model, turn, advanceTo } = schedule({ batching: { maxBatchSize: 1 } });
    const valuesSent = () => model.runs.map(({ request }) => request.inputs[0]?.pieces[0]?.[0]);
    void scheduler.run(call([1]));
    void scheduler.run(call([2]));
    const late = expect(scheduler.run(call([3], { deadlineAtMs: 100 }))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    void scheduler.run(call([4]));
    await turn();
    advanceTo(95);
    model.answer(0);
    await late;
    await turn();
    expect(valuesSent()).toEqual([1, 2, 4]);
    void scheduler.run(call([5], { deadlineAtMs: 99 }));
    model.answer(1);
    await turn();
    expect(valuesSent()).toEqual([1, 2, 4, 5]);
  });

  it('refuses at once what is beyond its limit', async () => {
    const { scheduler } = schedule();
    for (let count = 0; count < 100; count += 1) void scheduler.run(call([1], { deadlineAtMs: 10_000 }));
    await expect(scheduler.run(call([1], { deadlineAtMs: 10_000 }))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });
});
