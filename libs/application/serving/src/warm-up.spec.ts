import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVING_OPTIONS, type ModelSignature, type Tensor } from '#domain/inference';
import type { Digest } from '#domain/registry';
import type { RunRequest } from './model-host.ts';
import { type RecordedRequest, recordedFiles } from './recorded-requests.ts';
import { runWarmUp } from './run-warm-up.ts';
import { planWarmUp, type WarmUpRun } from './warm-up.ts';

const signature: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'INT32', shape: [-1, 2] }],
  outputs: [
    { name: 'y', datatype: 'FP32', shape: [-1] },
    { name: 'z', datatype: 'FP32', shape: [-1] },
  ],
};
const { batching } = DEFAULT_SERVING_OPTIONS;
const int32 = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
const recorded = (over: Partial<RecordedRequest> = {}): RecordedRequest => ({
  file: 'warmup/one.json',
  inputs: [{ name: 'x', datatype: 'INT32', shape: [2, 2], data: int32(1, 2, 3, 4) }],
  outputNames: [],
  ...over,
});
const shownOf = (runs: readonly WarmUpRun[]) => runs.map(({ what, inputs }) => `${what}: ${inputs[0]?.shape}`);
const valuesOf = (tensor: Tensor | undefined) => [
  ...new Int32Array(tensor?.data.buffer.slice(0) ?? new ArrayBuffer(0)),
];

describe('planWarmUp', () => {
  it('runs zeros, one row of them, where nothing was recorded', () => {
    const [run, ...others] = planWarmUp(signature, batching, []);
    expect(run).toMatchObject({ what: 'inputs of zeros', outputNames: ['y', 'z'], isRequired: true });
    expect(valuesOf(run?.inputs[0])).toEqual([0, 0]);
    expect(others).toEqual([]);
  });

  it('runs every recorded request, and each wanted size of batch once, made of the same rows', () => {
    const wanted = { ...batching, maxBatchSize: 8, preferredSizes: [2, 4, 16] };
    const runs = planWarmUp(signature, wanted, [recorded(), recorded({ file: 'warmup/two.json', outputNames: ['z'] })]);
    expect(shownOf(runs)).toEqual([
      'warmup/one.json: 2,2',
      'warmup/two.json: 2,2',
      'a batch of 1: 1,2',
      'a batch of 4: 4,2',
      'a batch of 8: 8,2',
    ]);
    expect(runs[1]?.outputNames).toEqual(['z']);
    expect(valuesOf(runs[2]?.inputs[0])).toEqual([1, 2]);
    expect(valuesOf(runs[3]?.inputs[0])).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect(runs.map(({ isRequired }) => isRequired)).toEqual([true, true, false, false, false]);
  });

  it('makes rows of strings, whose lengths differ', () => {
    const texts: ModelSignature = {
      inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1, 1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    };
    const data = Uint8Array.from([1, 0, 0, 0, 65, 3, 0, 0, 0, 66, 66, 66]);
    const inputs = [{ name: 'x', datatype: 'BYTES' as const, shape: [2, 1], data }];
    const runs = planWarmUp(texts, { ...batching, maxBatchSize: 3 }, [recorded({ inputs })]);
    expect(shownOf(runs).slice(1)).toEqual(['a batch of 1: 1,1', 'a batch of 3: 3,1']);
    expect([...(runs[2]?.inputs[0]?.data ?? [])]).toEqual([...data, 1, 0, 0, 0, 65]);
  });

  it('runs no batches on a model with a fixed first axis', () => {
    const fixed = { ...signature, outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [10] }] };
    expect(planWarmUp(fixed, { ...batching, maxBatchSize: 8 }, [])).toHaveLength(1);
  });

  it('makes batches of zeros when the recorded requests have no rows', () => {
    const inputs = [{ name: 'x', datatype: 'INT32' as const, shape: [0, 2], data: new Uint8Array(0) }];
    const runs = planWarmUp(signature, { ...batching, maxBatchSize: 2 }, [recorded({ inputs })]);
    expect(shownOf(runs)).toEqual(['warmup/one.json: 0,2', 'a batch of 1: 1,2', 'a batch of 2: 2,2']);
  });
});

describe('recordedFiles', () => {
  it('are the JSON files in a folder warmup, by name, and no more than 32', () => {
    const file = (path: string) => ({ path, digest: `sha256:${'0'.repeat(64)}` as Digest, sizeBytes: 1 });
    const paths = ['m.onnx', 'warmup/b.json', 'warmup/a.json', 'warmup/deep/c.json', 'warmup.json', 'm/warmup/d.json'];
    expect(recordedFiles(paths.map(file)).map(({ path }) => path)).toEqual([
      'm/warmup/d.json',
      'warmup/a.json',
      'warmup/b.json',
    ]);
    expect(recordedFiles(Array.from({ length: 40 }, (_, index) => file(`warmup/${index}.json`)))).toHaveLength(32);
  });
});

describe('runWarmUp', () => {
  const runs = planWarmUp(signature, { ...batching, maxBatchSize: 8, preferredSizes: [2, 4] }, [recorded()]);

  it('names the request that failed, and the reason', async () => {
    const run = async () => Promise.reject(new Error('no such row'));
    await expect(runWarmUp(runs, { run }, () => 0)).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: 'the warm-up with warmup/one.json failed: no such row',
    });
  });

  it('leaves batches that nobody asked for by name to the requests when it takes too long', async () => {
    let now = 0;
    const sizes: (number | undefined)[] = [];
    const run = async ({ inputs: [input] }: RunRequest) => {
      sizes.push(input?.shape[0]);
      now += 25_000;
      return { outputs: [], runMs: 25_000 };
    };
    await runWarmUp(runs, { run }, () => now);
    expect(sizes).toEqual([2, 1, 4]);
  });
});
