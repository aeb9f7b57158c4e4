import { assertNever } from '#domain/errors';

/** The stages of an inference, in their order; each has the larger part of some requests. */
export const STAGES = ['decode', 'queue', 'crossing', 'run', 'encode'] as const;

/**
 * A stage of an inference.
 * - `decode`: the request's bytes become tensors.
 * - `queue`: it waits for the model to be free.
 * - `crossing`: to the runner and back, with checks and routing.
 * - `run`: the model computes.
 * - `encode`: tensors become the answer's bytes.
 */
export type Stage = (typeof STAGES)[number];

/** What was measured of a version. */
export interface StageTotals {
  /** Answered requests. */
  readonly requests: number;
  /** Seconds of all of them together. */
  readonly seconds: Readonly<Record<Stage, number>>;
  /** Rows of a run, on average; 0 without one. */
  readonly rowsPerRun: number;
}

/** Where the time of a version's requests goes, and what to do about it. */
export interface StageReport {
  readonly requests: number;
  readonly averageMs: number;
  readonly stages: readonly { readonly stage: Stage; readonly averageMs: number; readonly sharePercent: number }[];
  /** `undefined` before the first request. */
  readonly slowest: Stage | undefined;
  readonly advice: string;
}

/** Full batches are those from this share of their bound on. */
const FULL_SHARE = 0.8;

/** Names the slowest stage. @param maxBatchSize rows that requests may share a run with; 1 when they do not. */
export function reportStages({ requests, seconds, rowsPerRun }: StageTotals, maxBatchSize: number): StageReport {
  if (requests === 0)
    return { requests, averageMs: 0, stages: [], slowest: undefined, advice: 'Send it requests first.' };
  const total = STAGES.reduce((sum, stage) => sum + seconds[stage], 0);
  const stages = STAGES.map((stage) => ({
    stage,
    averageMs: (seconds[stage] / requests) * 1000,
    sharePercent: total === 0 ? 0 : (seconds[stage] / total) * 100,
  }));
  const slowest = STAGES.reduce((slow, stage) => (seconds[stage] > seconds[slow] ? stage : slow));
  const advice = adviceFor(slowest, rowsPerRun, maxBatchSize);
  return { requests, averageMs: (total / requests) * 1000, stages, slowest, advice };
}

function adviceFor(slowest: Stage, rowsPerRun: number, maxBatchSize: number): string {
  switch (slowest) {
    case 'decode':
      return 'Send tensors as binary data over REST or as raw contents over gRPC: numbers as text take long to read.';
    case 'queue':
      return queueAdvice(rowsPerRun, maxBatchSize);
    case 'crossing':
      return 'The model is faster than the way to it: put more rows into one request, or let requests wait for each other with batching.maxDelay.';
    case 'run':
      return runAdvice(maxBatchSize);
    case 'encode':
      return 'Ask for binary outputs, and only for those that are needed: numbers as text take long to write.';
    default:
      return assertNever(slowest);
  }
}

function queueAdvice(rowsPerRun: number, maxBatchSize: number): string {
  if (maxBatchSize > 1 && rowsPerRun >= maxBatchSize * FULL_SHARE)
    return `Runs are full with ${maxBatchSize} rows: raise batching.maxBatchSize or resources.instances, or add gateways.`;
  return 'Requests wait for the model to be free: raise resources.instances or resources.threads, add gateways, or lower resources.concurrency so that callers learn of it sooner.';
}

function runAdvice(maxBatchSize: number): string {
  const faster = 'register a variant of lower precision such as int8, or raise resources.threads';
  if (maxBatchSize <= 1)
    return `The model computes one request at a time: if its rows do not depend on each other, set batching.maxBatchSize; otherwise ${faster}.`;
  return `The model itself takes long: ${faster}.`;
}
