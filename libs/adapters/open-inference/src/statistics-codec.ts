import type { DurationStatistic, VersionStatistics } from '#application/serving';
import type { ModelStatistics, StatisticDuration } from '#generated/inference/open_inference';

/** Statistics with the name of what they are of. */
export interface NamedStatistics {
  readonly name: string;
  readonly version: string;
  readonly statistics: VersionStatistics;
}

/** @see registry-schema/proto/inference/open_inference.proto */
export function toGrpcStatistics({ name, version, statistics }: NamedStatistics): ModelStatistics {
  return {
    name,
    version,
    lastInference: BigInt(Math.round(statistics.lastInferenceMs)),
    inferenceCount: BigInt(statistics.inferenceCount),
    executionCount: BigInt(statistics.executionCount),
    inferenceStats: {
      success: toGrpcDuration(statistics.success),
      fail: toGrpcDuration(statistics.fail),
      queue: toGrpcDuration(statistics.queue),
      computeInput: toGrpcDuration(statistics.computeInput),
      computeInfer: toGrpcDuration(statistics.computeInfer),
      computeOutput: toGrpcDuration(statistics.computeOutput),
      cacheHit: toGrpcDuration(statistics.cacheHit),
      cacheMiss: toGrpcDuration(statistics.cacheMiss),
    },
    batchStats: statistics.batches.map(({ batchSize, computeInput, computeInfer, computeOutput }) => ({
      batchSize: BigInt(batchSize),
      computeInput: toGrpcDuration(computeInput),
      computeInfer: toGrpcDuration(computeInfer),
      computeOutput: toGrpcDuration(computeOutput),
    })),
  };
}

/** @see Triton's statistics extension; responses beyond the first and memory are not measured, and stay empty. */
export function toJsonStatistics({ name, version, statistics }: NamedStatistics): object {
  return {
    name,
    version,
    last_inference: Math.round(statistics.lastInferenceMs),
    inference_count: statistics.inferenceCount,
    execution_count: statistics.executionCount,
    inference_stats: {
      success: toJsonDuration(statistics.success),
      fail: toJsonDuration(statistics.fail),
      queue: toJsonDuration(statistics.queue),
      compute_input: toJsonDuration(statistics.computeInput),
      compute_infer: toJsonDuration(statistics.computeInfer),
      compute_output: toJsonDuration(statistics.computeOutput),
      cache_hit: toJsonDuration(statistics.cacheHit),
      cache_miss: toJsonDuration(statistics.cacheMiss),
    },
    response_stats: {},
    batch_stats: statistics.batches.map(({ batchSize, computeInput, computeInfer, computeOutput }) => ({
      batch_size: batchSize,
      compute_input: toJsonDuration(computeInput),
      compute_infer: toJsonDuration(computeInfer),
      compute_output: toJsonDuration(computeOutput),
    })),
    memory_usage: [],
  };
}

function toGrpcDuration({ count, ns }: DurationStatistic): StatisticDuration {
  return { count: BigInt(count), ns: BigInt(Math.round(ns)) };
}

function toJsonDuration({ count, ns }: DurationStatistic): DurationStatistic {
  return { count, ns: Math.round(ns) };
}
