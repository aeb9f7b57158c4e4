import { describe, expect, it } from 'vitest';
import { ModelStatistics } from './model-statistics.ts';

const run = { rows: 3, queueNs: 10, computeInputNs: 5, runNs: 80, computeOutputNs: 5, cacheLookup: undefined };
const inference = { modelName: 'digits', version: 2, tookNs: 100, run };
const execution = { modelName: 'digits', version: 2, batchSize: 3, computeInputNs: 5, runNs: 80, computeOutputNs: 5 };

describe('ModelStatistics', () => {
  it('adds up what succeeded, stage by stage, and rows apart from requests', () => {
    const statistics = new ModelStatistics(() => 1234);
    statistics.countInference(inference);
    statistics.countInference({ ...inference, run: { ...run, rows: 1 } });
    expect(statistics.of('digits', 2)).toMatchObject({
      lastInferenceMs: 1234,
      inferenceCount: 4,
      executionCount: 0,
      success: { count: 2, ns: 200 },
      fail: { count: 0, ns: 0 },
      queue: { count: 2, ns: 20 },
      computeInput: { count: 2, ns: 10 },
      computeInfer: { count: 2, ns: 160 },
      computeOutput: { count: 2, ns: 10 },
    });
  });

  it('counts a failure as a failure, and as nothing else', () => {
    const statistics = new ModelStatistics(() => 1234);
    statistics.countInference({ ...inference, run: undefined });
    const zero = { count: 0, ns: 0 };
    const seen = statistics.of('digits', 2);
    expect(seen).toMatchObject({ fail: { count: 1, ns: 100 }, success: zero, queue: zero, inferenceCount: 0 });
    expect(seen.lastInferenceMs).toBe(0);
  });

  it('counts answers that were kept apart from runs', () => {
    const statistics = new ModelStatistics(() => 1234);
    statistics.countInference({ ...inference, run: { ...run, cacheLookup: { isHit: false, tookNs: 7 } } });
    const lookup = { isHit: true, tookNs: 2 };
    statistics.countInference({ ...inference, tookNs: 3, run: { ...run, rows: 0, cacheLookup: lookup } });
    expect(statistics.of('digits', 2)).toMatchObject({
      inferenceCount: 3,
      success: { count: 2, ns: 103 },
      queue: { count: 1, ns: 10 },
      computeInfer: { count: 1, ns: 80 },
      cacheHit: { count: 1, ns: 2 },
      cacheMiss: { count: 1, ns: 7 },
    });
  });

  it('lists runs by the size of their batch, the smallest first', () => {
    const statistics = new ModelStatistics(() => 0);
    for (const batchSize of [8, 1, 8]) statistics.countExecution({ ...execution, batchSize });
    const { executionCount, batches } = statistics.of('digits', 2);
    expect(executionCount).toBe(3);
    expect(batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer.count, computeInfer.ns])).toEqual([
      [1, 1, 80],
      [8, 2, 160],
    ]);
  });

  it('counts runs of any number of sizes without keeping them all', () => {
    const statistics = new ModelStatistics(() => 0);
    for (let batchSize = 1; batchSize <= 1000; batchSize += 1) statistics.countExecution({ ...execution, batchSize });
    expect(statistics.of('digits', 2)).toMatchObject({ executionCount: 1000 });
    expect(statistics.of('digits', 2).batches).toHaveLength(256);
  });

  it('keeps versions apart, and has zeros for what was never run', () => {
    const statistics = new ModelStatistics(() => 0);
    statistics.countInference(inference);
    expect(statistics.of('digits', 1).success.count).toBe(0);
    expect(statistics.of('nobody', 2).batches).toEqual([]);
  });

  it('answers a copy that later requests leave alone', () => {
    const statistics = new ModelStatistics(() => 0);
    const before = statistics.of('digits', 2);
    statistics.countInference(inference);
    const between = statistics.of('digits', 2);
    statistics.countInference(inference);
    expect([before.success.count, between.success.count]).toEqual([0, 1]);
  });
});
