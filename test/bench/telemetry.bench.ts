/**
 * What telemetry adds to each inference request, without the request: the calls that the gateway makes for it, with nothing between them.
 * The peer is the metrics client library that counted before, with a look-up of labels for each metric.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Histogram, Registry } from 'prom-client';
import { AccessLog, startTracing, type Tracing } from '#adapters/telemetry';
import type { InferenceObservation, InferenceResult } from '#application/serving';
import { GatewayMetrics } from '../../apps/gateway/gateway-metrics.ts';
import { restOperation } from '../../apps/gateway/inference-operation.ts';
import { InferenceTelemetry } from '../../apps/gateway/inference-telemetry.ts';
import { alternate, type BenchRow } from './bench-row.ts';

const RUNS = 7;
const REQUESTS = 20_000;
const BATCH_DELAY_MS = 50;
const operation = restOperation('/v2/models/{model}/infer');
const untraced = { traceparent: undefined, tracestate: undefined };
const input = { name: 'pixels', datatype: 'FP32' as const, shape: [1, 64], data: new Uint8Array(256) };
const request = { inputs: [input], outputNames: [] };
const run = { outputs: [input], rows: 1, batchSize: 1, queueMs: 0.02, runMs: 0.01 };

export async function measure(): Promise<BenchRow[]> {
  const collector = createServer((message, reply) => message.resume().on('end', () => reply.end()));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  const sent = { spans: 0 };
  const [all, some] = [await tracingOf(url, 1, sent), await tracingOf(url, 0.01, sent)];
  const accessLog = new AccessLog({ mode: 'all', samplePercent: 100, target: '/dev/null' });
  try {
    const off = requestsOf({});
    return [
      await row('telemetry/prom-client', off, clientRequests(), 1),
      await row('traced-1-percent/untraced', requestsOf({ tracing: some, sent }), off, 0.2),
      await row('traced/untraced', requestsOf({ tracing: all, sent }), off, 0.005),
      await row('access-log/no-log', requestsOf({ accessLog }), off, 0.03),
    ];
  } finally {
    await Promise.all([all.close(), some.close(), accessLog.close()]);
    collector.close();
  }
}

async function row(id: string, ours: () => Promise<number>, against: () => Promise<number>, goal: number) {
  await ours();
  await against();
  const measured = await alternate(RUNS, ours, against);
  return { id, unit: 'requests/CPU s', ...measured, ratio: measured.ours / measured.against, goal, runs: RUNS };
}

function tracingOf(url: string, ratio: number, sent: Sent): Promise<Tracing> {
  const options = {
    protocol: 'http/protobuf' as const,
    url,
    headers: {},
    timeoutMs: 10_000,
    compression: 'none' as const,
    serviceName: 'bench',
    serviceVersion: '0',
    resourceAttributes: {},
    sampling: { ratio, followsParent: true },
    batchDelayMs: BATCH_DELAY_MS,
    // Nothing is dropped: a span that is not sent would cost less than it does.
    queueSize: 10_000_000,
    batchSize: 512,
  };
  return startTracing(options, (spans) => {
    sent.spans += spans;
  });
}

/** What a request is followed for. */
interface Followed {
  readonly tracing?: Tracing;
  readonly sent?: Sent;
  readonly accessLog?: AccessLog;
}

/** Spans that the collector has. */
interface Sent {
  spans: number;
}

/** What the gateway does for a request. */
function requestsOf({ tracing, sent, accessLog }: Followed) {
  const metrics = new GatewayMetrics();
  const telemetry = new InferenceTelemetry({
    metrics,
    routes: () => new Map(),
    tracing,
    accessLog,
    payloadLog: { take: () => {}, close: async () => {} },
  });
  return () =>
    perSecond((nowMs) => {
      const record = telemetry.begin(operation, untraced);
      const observer = record.asked('digits', request, undefined);
      const seen = observationAt(nowMs);
      metrics.observe(seen);
      observer?.observe(seen);
      record.answered(resultAt(nowMs));
    }, sent);
}

/** What the gateway did before: a counter and a histogram with labels. */
function clientRequests() {
  const registers = [new Registry()];
  const labelNames = ['model', 'version', 'role'];
  const requests = new Counter({ name: 'requests', help: '.', labelNames: [...labelNames, 'outcome'], registers });
  const durations = new Histogram({ name: 'durations', help: '.', labelNames, registers });
  return () =>
    perSecond((nowMs) => {
      const { modelName: model, version, role, outcome, tookSeconds } = observationAt(nowMs);
      requests.inc({ model, version, role, outcome });
      durations.observe({ model, version, role }, tookSeconds);
    });
}

/**
 * As many as a gateway takes at once, and then a turn of the event loop for what is done between requests.
 *
 * @returns requests per second of processor time: on a shared machine the clock on the wall tells of others.
 */
async function perSecond(one: (nowMs: number) => void, sent: Sent = { spans: 0 }): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < REQUESTS; done += 1) {
    one(performance.now());
    if (done % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // To the end: sending spans is the larger part of what they cost.
  for (let spans = -1; sent.spans !== spans; await sleep(BATCH_DELAY_MS * 4)) spans = sent.spans;
  const { user, system } = process.cpuUsage(before);
  return REQUESTS / ((user + system) / 1_000_000);
}

function observationAt(nowMs: number): InferenceObservation {
  return {
    modelName: 'digits',
    version: 1,
    role: 'stable',
    outcome: 'success',
    startedAtMs: nowMs,
    askedAtMs: nowMs,
    endedAtMs: nowMs + 0.05,
    tookSeconds: 0.00005,
    isFallback: false,
    run,
    steps: [],
    error: undefined,
  };
}

function resultAt(nowMs: number): InferenceResult {
  return {
    outputs: [input],
    modelName: 'digits',
    modelVersion: 1,
    role: 'stable',
    isFallback: false,
    run,
    startedAtMs: nowMs,
    endedAtMs: nowMs + 0.05,
  };
}
