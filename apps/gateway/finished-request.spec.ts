import { describe, expect, it } from 'vitest';
import type { StageSpan } from '#adapters/telemetry';
import type { InferenceObservation, InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { accessLineOf, type FinishedRequest, spanOf } from './finished-request.ts';
import { grpcOperation, restOperation } from './inference-operation.ts';

const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1], data: new Uint8Array(4) };
const failure = new DomainError('MODEL_RUN_FAILED', 'it fails');
const run = { outputs: [tensor], rows: 1, batchSize: 4, queueMs: 2, runMs: 3 };
const observed = (over: Partial<InferenceObservation>): InferenceObservation => ({
  modelName: 'm',
  version: 1,
  role: 'stable',
  outcome: 'success',
  startedAtMs: 1,
  askedAtMs: 2,
  endedAtMs: 12,
  tookSeconds: 0.011,
  isFallback: false,
  run,
  steps: [],
  error: undefined,
  ...over,
});
const result: InferenceResult = {
  outputs: [tensor],
  modelName: 'm',
  modelVersion: 1,
  role: 'stable',
  isFallback: false,
  run,
  startedAtMs: 1,
  endedAtMs: 12,
};
const answered: FinishedRequest = {
  operation: restOperation('/v2/models/{model}/infer'),
  startedAtMs: 0,
  endedAtMs: 13,
  asked: { modelName: 'm', request: { inputs: [tensor], outputNames: [] }, id: undefined, decodedAtMs: 1 },
  observations: [observed({})],
  result,
  error: undefined,
  traceId: undefined,
};
const brief = ({ stages = [] }: Pick<StageSpan, 'stages'>): unknown[] =>
  stages.map(({ name, startMs, endMs, error, stages: within = [] }) => [
    name,
    startMs,
    endMs,
    ...(error === undefined ? [] : [error]),
    ...(within.length === 0 ? [] : [brief({ stages: within })]),
  ]);

describe('spanOf', () => {
  it('cuts a request into its stages, with the run in the middle of the way to the runner and back', () => {
    expect(brief(spanOf(answered))).toEqual([
      ['decode', 0, 1],
      ['route', 1, 2],
      ['queue', 2, 4],
      ['batch', 4, 12, [['run', 6.5, 9.5]]],
      ['encode', 12, 13],
    ]);
  });

  it('shows the candidate that failed before stable answered', () => {
    const candidate = { version: 2, role: 'candidate' as const, endedAtMs: 5, run: undefined, error: failure };
    const span = spanOf({
      ...answered,
      observations: [observed(candidate), observed({ askedAtMs: 5, isFallback: true })],
      result: { ...result, isFallback: true },
    });
    expect(brief(span)).toEqual([
      ['decode', 0, 1],
      ['route', 1, 2],
      ['run', 2, 5, 'MODEL_RUN_FAILED'],
      ['queue', 5, 7],
      ['batch', 7, 12, [['run', 8, 11]]],
      ['encode', 12, 13],
    ]);
    expect(span.stages?.[2]?.attributes).toEqual({ 'slipway.version': 2, 'slipway.role': 'candidate' });
    expect(span.attributes).toMatchObject({ 'slipway.version': 1, 'slipway.fallback': true, 'slipway.outcome': 'ok' });
    expect(span.error).toBeUndefined();
  });

  it('has no batch for an answer that no run gave', () => {
    const cached = { ...run, rows: 0, batchSize: 0, queueMs: 0, runMs: 0 };
    const span = spanOf({ ...answered, observations: [observed({ run: cached })], result: { ...result, run: cached } });
    expect(brief(span)).toEqual([
      ['decode', 0, 1],
      ['route', 1, 2],
      ['queue', 2, 2],
      ['encode', 12, 13],
    ]);
  });

  it('shows the steps of an ensemble, with the runs of what they called', () => {
    const times = (startedAtMs: number, endedAtMs: number) => ({
      startedAtMs,
      endedAtMs,
      run: undefined,
      error: undefined,
    });
    const steps = [
      { ...times(2, 11), path: 'steps[0].model', deployment: 'a', run: { ...run, queueMs: 1, runMs: 6 } },
      { ...times(3, 4), path: 'steps[1].model', deployment: 'b', error: failure },
      { ...times(11, 12), path: 'steps[2].combine', deployment: undefined },
    ];
    const span = spanOf({ ...answered, observations: [observed({ steps })] });
    expect(brief(span)[2]).toEqual([
      'run',
      2,
      12,
      [
        [
          'steps[0].model',
          2,
          11,
          [
            ['queue', 2, 3],
            ['batch', 3, 11, [['run', 4, 10]]],
          ],
        ],
        ['steps[1].model', 3, 4, 'MODEL_RUN_FAILED'],
        ['steps[2].combine', 11, 12],
      ],
    ]);
    expect(span.stages?.[2]?.stages?.map(({ attributes }) => attributes)).toEqual([
      { 'slipway.model': 'a' },
      { 'slipway.model': 'b' },
      {},
    ]);
    const failed = observed({ steps: steps.slice(1, 2), run: undefined, error: failure });
    expect(brief(spanOf({ ...answered, observations: [failed], result: undefined, error: failure }))[2]).toEqual([
      'run',
      2,
      12,
      'MODEL_RUN_FAILED',
      [['steps[1].model', 3, 4, 'MODEL_RUN_FAILED']],
    ]);
  });

  it.each([
    [restOperation('/r'), { 'http.response.status_code': 500 }],
    [grpcOperation('s', 'm'), { 'rpc.grpc.status_code': 13 }],
  ])("is an error when the fault is the server's", (operation, status) => {
    const observations = [observed({ run: undefined, error: failure, outcome: 'server_error' })];
    const span = spanOf({ ...answered, operation, observations, result: undefined, error: failure });
    expect(span.error).toBe('MODEL_RUN_FAILED: it fails');
    expect(span.attributes).toMatchObject({ ...status, 'error.type': 'MODEL_RUN_FAILED' });
    expect(brief(span).at(-1)).toEqual(['run', 2, 12, 'MODEL_RUN_FAILED']);
  });

  it('ends with decoding when nothing could be decoded, and when no version was asked', () => {
    const invalid = new DomainError('TENSOR_INVALID', 'bad');
    const failed = { ...answered, observations: [], result: undefined, error: invalid };
    expect(brief(spanOf({ ...failed, asked: undefined }))).toEqual([['decode', 0, 13, 'TENSOR_INVALID']]);
    expect(brief(spanOf(failed))).toEqual([['decode', 0, 1]]);
  });
});

describe('accessLineOf', () => {
  it('says who answered, how long it took, and how large it was', () => {
    expect(accessLineOf({ ...answered, traceId: 't', startedAtMs: -0.12345 })).toEqual({
      protocol: 'rest',
      model: 'm',
      version: 1,
      role: 'stable',
      result: 'ok',
      isFallback: false,
      requestId: undefined,
      traceId: 't',
      tookMs: 13.123,
      queueMs: 2,
      runMs: 3,
      batchSize: 4,
      inputBytes: 4,
      outputBytes: 4,
    });
  });

  it('says why there is no answer', () => {
    const line = accessLineOf({ ...answered, result: undefined, error: new TypeError('x'), observations: [] });
    expect(line).toMatchObject({ result: 'INTERNAL', version: undefined, outputBytes: 0, queueMs: undefined });
  });
});
