import { describe, expect, it } from 'vitest';
import type { RequestTrace, StageSpan, Tracing } from '#adapters/telemetry';
import type { InferenceObservation, InferenceResult, LoggedInference, VersionSlot } from '#application/serving';
import { DomainError } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import type { Route, RouteTable } from '#domain/routing';
import { GatewayMetrics } from './gateway-metrics.ts';
import { restOperation } from './inference-operation.ts';
import { InferenceTelemetry } from './inference-telemetry.ts';

const operation = restOperation('/infer');
const traceId = '0af7651916cd43dd8448eb211c80319c';
const carrier = { traceparent: `00-${traceId}-b7ad6b7169203331-00`, tracestate: undefined };
const request = { inputs: [], outputNames: ['y'] };
const run = { outputs: [], rows: 1, batchSize: 1, queueMs: 0, runMs: 0 };
const observation: InferenceObservation = {
  modelName: 'm',
  version: 3,
  role: 'stable',
  outcome: 'success',
  startedAtMs: 0,
  askedAtMs: 0,
  endedAtMs: 1,
  tookSeconds: 0.001,
  isFallback: false,
  run,
  steps: [],
  error: undefined,
};
const result: InferenceResult = {
  outputs: [],
  modelName: 'm',
  modelVersion: 3,
  role: 'stable',
  isFallback: false,
  run,
  startedAtMs: 0,
  endedAtMs: 1,
};
const timedOut = new DomainError('REQUEST_TIMED_OUT', '');

function telemetryWith({ samplePercent, isTraced }: { samplePercent?: number; isTraced?: boolean }) {
  const kept: LoggedInference[] = [];
  const spans: Omit<StageSpan, 'startMs'>[] = [];
  const payloadLog = samplePercent === undefined ? undefined : { samplePercent, redact: ['x'] };
  const route = { namespace: 'n', deployment: 'd', serving: { ...DEFAULT_SERVING_OPTIONS, payloadLog } };
  const routes: RouteTable<VersionSlot> = new Map([['m', route as unknown as Route<VersionSlot>]]);
  const trace: RequestTrace = { traceId: 'ours', traceparent: 'ours', end: (span) => void spans.push(span) };
  const tracing: Tracing = { spanCount: 0, begin: () => trace, close: async () => {} };
  const telemetry = new InferenceTelemetry({
    metrics: new GatewayMetrics(),
    routes: () => routes,
    tracing: isTraced === true ? tracing : undefined,
    accessLog: undefined,
    payloadLog: { take: (inference) => void kept.push(inference), close: async () => {} },
  });
  return { kept, spans, begin: () => telemetry.begin(operation, carrier) };
}

describe('RequestRecord', () => {
  it('asks the pipeline for nothing where nothing is traced or logged', () => {
    const { kept, begin } = telemetryWith({});
    const record = begin();
    expect(record.asked('m', request, undefined)).toBeUndefined();
    record.answered(result);
    begin().failed(timedOut);
    expect(kept).toEqual([]);
    expect(record.traceparent).toBeUndefined();
  });

  it("keeps what the deployment's manifest wants kept, answered or not", () => {
    const { kept, begin } = telemetryWith({ samplePercent: 100 });
    const answered = begin();
    answered.asked('m', request, 'id')?.observe(observation);
    answered.answered(result);
    const failed = begin();
    failed.asked('m', request, '')?.observe({ ...observation, run: undefined, error: timedOut });
    failed.failed(timedOut);
    const undecodable = begin();
    undecodable.failed(timedOut);
    expect(kept).toMatchObject([
      { namespace: 'n', deployment: 'd', version: 3, requestId: 'id', traceId, outputs: [], redact: ['x'] },
      { version: 3, requestId: undefined, outputs: undefined, error: 'REQUEST_TIMED_OUT', outputNames: ['y'] },
    ]);
    expect(Math.abs((kept[0]?.atMs ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it('keeps the share that is to be kept', () => {
    const { kept, begin } = telemetryWith({ samplePercent: 20 });
    for (let count = 0; count < 2000; count += 1) {
      const record = begin();
      record.asked('m', request, undefined)?.observe(observation);
      record.answered(result);
    }
    expect(kept.length).toBeGreaterThan(300);
    expect(kept.length).toBeLessThan(500);
  });

  it('ends the span once, with what was known when the client was answered', () => {
    const { spans, begin } = telemetryWith({ isTraced: true });
    const record = begin();
    const observer = record.asked('m', request, undefined);
    record.failed(timedOut);
    // The run goes on without the client, and ends when nobody looks any more.
    observer?.observe(observation);
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).toMatchObject({ 'error.type': 'REQUEST_TIMED_OUT', 'slipway.model': 'm' });
    expect(spans[0]?.stages?.map(({ name }) => name)).toEqual(['decode']);
    expect(record.traceparent).toBe('ours');
  });
});
