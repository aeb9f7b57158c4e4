import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRPCInferenceServiceClient, ModelInferRequest } from '#generated/inference/open_inference';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { digitsDirectory, serveDigits } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { type OtlpCollector, type ReceivedSpan, startOtlpCollector } from '../servers/otlp-collector.ts';

const callerSpanId = 'b7ad6b7169203331';
const SERVER = 2;
const ERROR = 2;
const { data: digit } = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as { data: number[] };

let lastTrace = 0;
/** A trace of its own for each test. */
const freshTraceId = () => {
  lastTrace += 1;
  return `0af7651916cd43dd8448eb21${String(lastTrace).padStart(8, '0')}`;
};

describe.each(['http/protobuf', 'grpc'] as const)('traces by OTLP over %s, read by a collector', (protocol) => {
  const stateDir = freshStateDirectory();
  let collector: OtlpCollector;
  let server: SlipwayServer;
  let grpc: GRPCInferenceServiceClient;

  beforeAll(async () => {
    collector = await startOtlpCollector();
    server = await startSlipwayServer(stateDir, {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=vision%20team',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    await serveDigits(server, 2);
    grpc = new GRPCInferenceServiceClient(server.gatewayGrpc, credentials.createInsecure());
  });

  afterAll(async () => {
    grpc?.close();
    await server?.stop();
    collector?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  function inferByRest(headers: Record<string, string>, pixels = digit, path = 'digits') {
    const input = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: pixels };
    return fetch(`${server.gateway}/v2/models/${path}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ id: 'request-7', inputs: [input] }),
    });
  }

  function inferByGrpc(
    headers: Record<string, string>,
    modelName: string,
  ): Promise<{ code: number; trailer: Metadata | undefined }> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const request = ModelInferRequest.fromPartial({
      modelName,
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1n, 64n] }],
      rawInputContents: [new Uint8Array(Float32Array.from(digit).buffer)],
    });
    return new Promise((resolve) => {
      let trailer: Metadata | undefined;
      let failure: ServiceError | null = null;
      const call = grpc.modelInfer(request, metadata, (error) => {
        failure = error;
      });
      call.on('status', (status) => {
        trailer = status.metadata;
        resolve({ code: failure?.code ?? status.code, trailer });
      });
    });
  }

  /** The spans of a trace by name, when the request's own, which is sent last, is there. */
  async function traceOf(traceId: string): Promise<{ root: ReceivedSpan; spans: Map<string, ReceivedSpan> }> {
    const of = async () => collector.spans.filter((span) => span.traceId === traceId);
    const spans = await eventually('the trace arrives', of, (found) => found.some(({ kind }) => kind === SERVER));
    const root = spans.find(({ kind }) => kind === SERVER);
    if (root === undefined) throw new Error('no server span');
    return { root, spans: new Map(spans.map((span) => [span.name, span])) };
  }

  function expectStages({ root, spans }: { root: ReceivedSpan; spans: Map<string, ReceivedSpan> }): void {
    expect([...spans.keys()].sort()).toEqual([root.name, 'batch', 'decode', 'encode', 'queue', 'route', 'run'].sort());
    const inOrder = ['decode', 'route', 'queue', 'batch', 'encode'].map((name) => spans.get(name));
    let atNs = root.startNs;
    for (const span of inOrder) {
      expect(span?.parentSpanId).toBe(root.spanId);
      expect(span?.startNs).toBeGreaterThanOrEqual(atNs);
      expect(span?.endNs).toBeGreaterThanOrEqual(span?.startNs ?? 0);
      atNs = span?.endNs ?? 0;
    }
    expect(root.endNs).toBeGreaterThanOrEqual(atNs);
    const [batch, run] = [spans.get('batch'), spans.get('run')];
    expect(run?.parentSpanId).toBe(batch?.spanId);
    expect(run?.startNs).toBeGreaterThanOrEqual(batch?.startNs ?? 0);
    expect(run?.endNs).toBeLessThanOrEqual(batch?.endNs ?? 0);
    expect(batch?.attributes).toEqual({ 'slipway.batch_size': 1 });
    expect(run?.attributes).toEqual({ 'slipway.version': 2, 'slipway.role': 'stable' });
    // Microseconds ago by this machine's clock, not by one of its own.
    expect(Math.abs(Date.now() - root.startNs / 1e6)).toBeLessThan(60_000);
  }

  const answered = {
    'slipway.model': 'digits',
    'slipway.version': 2,
    'slipway.role': 'stable',
    'slipway.inputs': ['pixels FP32 [1,64]'],
    'slipway.batch_size': 1,
    'slipway.outcome': 'ok',
    'slipway.fallback': false,
  };

  it('go on from the caller over REST, with a span for each stage', async () => {
    const traceId = freshTraceId();
    const headers = { traceparent: `00-${traceId}-${callerSpanId}-01`, tracestate: 'vendor=opaque' };
    const response = await inferByRest(headers);
    expect(response.status).toBe(200);
    const trace = await traceOf(traceId);
    const { root } = trace;
    expect(root).toMatchObject({
      name: 'POST /v2/models/{model}/infer',
      parentSpanId: callerSpanId,
      traceState: 'vendor=opaque',
      protocol: protocol === 'grpc' ? 'grpc' : 'http',
      status: { code: 0 },
    });
    expect(root.attributes).toEqual({
      ...answered,
      'http.request.method': 'POST',
      'http.route': '/v2/models/{model}/infer',
      'http.response.status_code': 200,
      'slipway.request_id': 'request-7',
    });
    expect(root.headers).toMatchObject({ 'x-tenant': 'vision team' });
    expect(root.resource).toMatchObject({
      'service.name': 'slipway-gateway',
      'service.version': expect.any(String),
      'service.instance.id': expect.any(String),
      'deployment.environment.name': 'test',
    });
    expect(response.headers.get('traceparent')).toBe(`00-${traceId}-${root.spanId}-01`);
    expectStages(trace);
  });

  it('go on from the caller over gRPC, with a span for each stage', async () => {
    const traceId = freshTraceId();
    const { trailer } = await inferByGrpc({ traceparent: `00-${traceId}-${callerSpanId}-01` }, 'digits');
    const trace = await traceOf(traceId);
    const { root } = trace;
    expect(root).toMatchObject({ name: 'inference.GRPCInferenceService/ModelInfer', parentSpanId: callerSpanId });
    expect(root.attributes).toEqual({
      ...answered,
      'rpc.system': 'grpc',
      'rpc.service': 'inference.GRPCInferenceService',
      'rpc.method': 'ModelInfer',
      'rpc.grpc.status_code': 0,
    });
    expect(trailer?.get('traceparent')).toEqual([`00-${traceId}-${root.spanId}-01`]);
    expectStages(trace);
  });

  it("say what was wrong with a request, which is no error of the server's", async () => {
    const traceId = freshTraceId();
    const response = await inferByRest({ traceparent: `00-${traceId}-${callerSpanId}-01` }, [1, 2]);
    expect(response.status).toBe(400);
    const { root, spans } = await traceOf(traceId);
    expect(response.headers.get('traceparent')).toBe(`00-${traceId}-${root.spanId}-01`);
    expect(root.attributes).toMatchObject({
      'http.response.status_code': 400,
      'error.type': 'TENSOR_INVALID',
      'slipway.outcome': 'TENSOR_INVALID',
    });
    expect(root.status.code).toBe(0);
    expect([...spans.keys()]).toEqual(expect.arrayContaining(['decode']));
    expect(spans.get('decode')?.status).toMatchObject({ code: ERROR, message: 'TENSOR_INVALID' });
  });

  it('name the failure of a call over gRPC', async () => {
    const traceId = freshTraceId();
    const { code, trailer } = await inferByGrpc({ traceparent: `00-${traceId}-${callerSpanId}-01` }, 'nothing');
    expect(code).toBe(5);
    const { root } = await traceOf(traceId);
    expect(root.attributes).toMatchObject({ 'rpc.grpc.status_code': 5, 'error.type': 'DEPLOYMENT_NOT_FOUND' });
    expect(trailer?.get('traceparent')).toEqual([`00-${traceId}-${root.spanId}-01`]);
  });

  it('are not made where the caller has decided against it, nor where nobody has and the sampler does', async () => {
    const [silent, seen] = [freshTraceId(), freshTraceId()];
    const before = collector.spans.length;
    const untraced = await inferByRest({ traceparent: `00-${silent}-${callerSpanId}-00` });
    expect(untraced.status).toBe(200);
    expect(untraced.headers.get('traceparent')).toBeNull();
    await inferByRest({});
    await inferByRest({ traceparent: 'nonsense' });
    await inferByRest({ traceparent: `00-${seen}-${callerSpanId}-01` });
    await traceOf(seen);
    expect(collector.spans.slice(before).filter(({ traceId }) => traceId !== seen)).toEqual([]);
  });
});
