import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { ClientView, Tensor, TensorSpec } from '#domain/inference';
import { ManualClock, settled } from '#testing';
import type { EnsembleStepRun, InferenceCall } from './inference-call.ts';
import { findProcessors, ProcessedRunner } from './processed-runner.ts';
import type { ProcessedCall, TensorProcessor } from './tensor-processor.ts';

const x: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1] };
const y: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1] };
const z: TensorSpec = { name: 'z', datatype: 'FP32', shape: [-1] };
const text: TensorSpec = { name: 'text', datatype: 'BYTES', shape: [-1] };
const view: ClientView = { signature: { inputs: [x], outputs: [y, z] }, defaultOutputNames: ['y', 'z'] };

function tensor(name: string, ...values: number[]): Tensor {
  return { name, datatype: 'FP32', shape: [values.length], data: new Uint8Array(new Float32Array(values).buffer) };
}

const valuesOf = ({ data }: Tensor) => [...new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)];

type Processing = (call: ProcessedCall) => readonly Tensor[] | Promise<readonly Tensor[]>;

function processor(name: string, process: Processing, shape: Partial<TensorProcessor> = {}): TensorProcessor {
  return {
    name,
    inputs: undefined,
    outputs: undefined,
    process: async (call) => process(call),
    misbehaved: (message) => new DomainError('PLUGIN_FAILED', `${name} ${message}`),
    ...shape,
  };
}

const times = (factor: number) =>
  processor(`times-${factor}`, ({ tensors }) =>
    tensors.map((one) => tensor(one.name, ...valuesOf(one).map((value) => value * factor))),
  );

/** A model that adds 1 for `y` and 2 for `z`. */
function around(preprocess: readonly TensorProcessor[], postprocess: readonly TensorProcessor[]) {
  const asked: InferenceCall[] = [];
  const clock = new ManualClock();
  const inner = {
    run: async (call: InferenceCall) => {
      asked.push(call);
      const [input] = call.inputs;
      const add = (name: string) => (value: number) => value + (name === 'y' ? 1 : 2);
      const outputs = call.outputNames.map((name) =>
        tensor(name, ...(input === undefined ? [] : valuesOf(input)).map(add(name))),
      );
      return { outputs, rows: 1, batchSize: 1, queueMs: 0, runMs: 1 };
    },
  };
  const timing = { monotonicMs: () => clock.nowMs(), after: clock.after };
  const runner = new ProcessedRunner(inner, {
    processors: { preprocess, postprocess },
    view,
    modelName: 'shop/prices',
    version: 3,
    timing,
  });
  const run = async (outputNames = ['y'], inputs = [tensor('x', 1, 2)], more: Partial<InferenceCall> = {}) => {
    const call = { inputs, outputNames, deadlineAtMs: 1000, priority: 0, sequence: undefined, isRetriedOnLoss: false };
    const { outputs } = await runner.run({ ...call, ...more });
    return outputs.map((output) => [output.name, ...valuesOf(output)]);
  };
  return { runner, run, asked, clock };
}

describe('a version behind plugins', () => {
  it('gets what the preprocessors make, and answers what the postprocessors make, in their order', async () => {
    const plusOne = processor('plus', ({ tensors }) =>
      tensors.map((one) => tensor(one.name, ...valuesOf(one).map((value) => value + 1))),
    );
    expect(await around([times(10), plusOne], []).run()).toEqual([['y', 12, 22]]);
    expect(await around([plusOne, times(10)], []).run()).toEqual([['y', 21, 31]]);
    expect(await around([], [times(10), plusOne]).run()).toEqual([['y', 21, 31]]);
    expect(await around([times(2)], [times(3)]).run(['z', 'y'])).toEqual([
      ['z', 12, 18],
      ['y', 9, 15],
    ]);
  });

  it('tells each plugin what it works for, and gives away only what is its own', async () => {
    const calls: ProcessedCall[] = [];
    const note = processor('note', (call) => {
      calls.push(call);
      return call.tensors;
    });
    await around([note, note], [note]).run();
    expect(calls.map(({ isOwn }) => isOwn)).toEqual([false, true, true]);
    expect(calls[0]).toMatchObject({ modelName: 'shop/prices', version: 3 });
  });

  it('shows clients what the plugins take and give, and has the model give all that they may need', async () => {
    const parse = processor('parse', () => [tensor('x', 5)], { inputs: [text] });
    const sum = processor(
      'sum',
      ({ tensors }) => [
        tensor(
          'total',
          tensors.flatMap(valuesOf).reduce((total, value) => total + value, 0),
        ),
      ],
      { outputs: [{ name: 'total', datatype: 'FP32', shape: [1] }] },
    );
    const { runner, run, asked } = around([parse], [sum]);
    expect(runner.view.signature).toEqual({ inputs: [text], outputs: [expect.objectContaining({ name: 'total' })] });
    expect(await run(['total'], [])).toEqual([['total', 13]]);
    expect(asked[0]?.outputNames).toEqual(['y', 'z']);
  });

  it.each([
    ['of another name', [tensor('other', 1)]],
    ['of another rank', [{ ...tensor('x', 1), shape: [1, 1] }]],
    ['of another datatype', [{ ...tensor('x', 1), datatype: 'INT32' as const }]],
    ['too few', []],
  ])('blames a preprocessor for inputs %s, and does not run the model', async (_, given) => {
    const { run, asked } = around([times(2), processor('wrong', () => given)], []);
    await expect(run()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringContaining('wrong gave'),
    });
    expect(asked).toEqual([]);
  });

  it.each([
    ['of another name', [tensor('other', 1)]],
    ['of another rank', [{ ...tensor('y', 1), shape: [1, 1] }]],
    ['missing', []],
  ])('blames a postprocessor for outputs %s', async (_, given) => {
    const { run } = around([], [processor('wrong', () => given)]);
    await expect(run()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringContaining('wrong gave'),
    });
  });

  it('passes on what a plugin throws, and tells traces of each', async () => {
    const steps: EnsembleStepRun[] = [];
    const refuse = processor('refuse', () => {
      throw new DomainError('INPUT_INVALID', 'no text');
    });
    const { run } = around([times(1), refuse], []);
    const running = run(['y'], [tensor('x', 1)], { onStep: (step) => steps.push(step) });
    await expect(running).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(steps.map(({ path, error }) => [path, error === undefined])).toEqual([
      ['preprocess.times-1', true],
      ['preprocess.refuse', false],
    ]);
  });

  it('does not wait for a plugin beyond the deadline, and tells it that nobody does', async () => {
    let isWanted = () => true;
    const never = processor('never', (call) => {
      isWanted = call.isWanted;
      return new Promise(() => {});
    });
    const { run, clock } = around([never], []);
    const running = run();
    const outcome = expect(running).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await settled();
    expect(isWanted()).toBe(true);
    clock.advance(1000);
    await outcome;
    expect(isWanted()).toBe(false);
  });
});

describe('the plugins that a deployment names', () => {
  it('are found by name and stage', () => {
    const find = (name: string, stage: string) => (stage === 'preprocess' ? times(name.length) : undefined);
    expect(findProcessors({ preprocess: ['ab'], postprocess: [] }, find).preprocess[0]?.name).toBe('times-2');
  });

  it('must run here', () => {
    expect(() => findProcessors({ preprocess: [], postprocess: ['labels'] }, () => undefined)).toThrow(
      'spec.postprocess[0]: no plugin labels of kind postprocessor runs on this gateway',
    );
  });
});
