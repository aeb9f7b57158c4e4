import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { digitsDirectory, serveDigits } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { type OtlpCollector, startOtlpCollector } from '../servers/otlp-collector.ts';
import { lintMetrics, type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { installTelemetryPython } from '../servers/python.ts';

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
const ANSWERED = 7;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const { data: digit } = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as { data: number[] };

describe('metrics, read by Prometheus', () => {
  const stateDir = freshStateDirectory();
  let collector: OtlpCollector;
  let server: SlipwayServer;
  let prometheus: PrometheusServer;
  let python: string;
  let textOnly: Server;

  beforeAll(async () => {
    python = await installTelemetryPython();
    collector = await startOtlpCollector();
    server = await startSlipwayServer(stateDir, {
      SLIPWAY_GATEWAY_TRITON_METRICS: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
    });
    await serveDigits(server, 2);
    for (let request = 0; request < ANSWERED; request += 1) expect((await infer(digit)).status).toBe(200);
    expect((await infer([1])).status).toBe(400);
    textOnly = await startTextOnlyProxy();
    prometheus = await startPrometheus({
      openmetrics: server.gateway.replace('http://', ''),
      text: `127.0.0.1:${(textOnly.address() as AddressInfo).port}`,
    });
  });

  afterAll(async () => {
    await prometheus?.stop();
    textOnly?.close();
    await server?.stop();
    collector?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  function infer(pixels: number[]) {
    const input = { name: 'pixels', shape: [1, pixels.length], datatype: 'FP32', data: pixels };
    return fetch(`${server.gateway}/v2/models/digits/infer`, {
      method: 'POST',
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
      body: JSON.stringify({ inputs: [input] }),
    });
  }

  /** Prometheus asks for OpenMetrics whenever it can get it: behind this it cannot. */
  async function startTextOnlyProxy(): Promise<Server> {
    const proxy = createServer((_request, response) => {
      void metrics('text/plain').then(({ text, type }) => response.setHeader('content-type', type ?? '').end(text));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
    return proxy;
  }

  async function metrics(accept: string): Promise<{ type: string | null; text: string }> {
    const reply = await fetch(`${server.gateway}/metrics`, { headers: { accept } });
    return { type: reply.headers.get('content-type'), text: await reply.text() };
  }

  const isTriton = (line: string) => /^(# (HELP|TYPE) )?nv_/.test(line);

  it('find nothing to object to in our own names', async () => {
    const { text, type } = await metrics('text/plain');
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const own = text.split('\n').filter((line) => !isTriton(line));
    expect(own.some((line) => line.startsWith('slipway_inference_stage_duration_seconds_bucket'))).toBe(true);
    expect(own.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds'))).toBe(true);
    expect(await lintMetrics(own.join('\n'))).toBe('');
    // Triton's names are as they are: they can be read, and that is all that is asked of them.
    const said = (await lintMetrics(text)).trim().split('\n');
    expect(said.filter((line) => !isTriton(line))).toEqual([]);
  });

  it.each([
    ['text', 'text/plain'],
    ['openmetrics', OPENMETRICS],
  ])('pass the strict reader as %s', async (format, accept) => {
    const { text } = await metrics(accept);
    const script = join(import.meta.dirname, 'metrics_check.py');
    const { stdout, stderr } = spawnSync(python, [script, format], { input: text, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining(['slipway_inference_requests', 'slipway_version_instances', 'nv_inference_count']),
    );
  });

  it('are scraped in both forms, and come out the same', async () => {
    const up = async () => (await prometheus.api(`query?query=${encodeURIComponent('up == 1')}`)) as Vector | undefined;
    await eventually('both are scraped', up, (answer) => answer?.result.length === 2);
    const valuesOf = async (query: string) => {
      const { result } = (await prometheus.api(`query?query=${encodeURIComponent(query)}`)) as Vector;
      return Object.fromEntries(result.map(({ metric, value }) => [metric['job'], Number(value[1])]));
    };
    const both = (value: number) => ({ openmetrics: value, text: value });
    const digits = 'model="digits",version="2"';
    expect(await valuesOf(`slipway_inference_requests_total{${digits},outcome="success"}`)).toEqual(both(ANSWERED));
    expect(await valuesOf('slipway_inference_failures_total{code="TENSOR_INVALID",protocol="rest"}')).toEqual(both(1));
    expect(await valuesOf(`slipway_inference_request_duration_seconds_bucket{${digits},le="10.0"}`)).toEqual(
      both(ANSWERED),
    );
    for (const stage of ['decode', 'queue', 'crossing', 'run', 'encode']) {
      const seconds = await valuesOf(`slipway_inference_stage_duration_seconds_sum{${digits},stage="${stage}"}`);
      expect(seconds['text'], stage).toBeGreaterThan(0);
    }
    expect(await valuesOf(`nv_inference_request_success{${digits}}`)).toEqual(both(ANSWERED));
    expect(await valuesOf(`nv_inference_count{${digits}}`)).toEqual(both(ANSWERED));
    expect(await valuesOf(`nv_inference_exec_count{${digits}}`)).toEqual(both(ANSWERED));
    expect(await valuesOf(`nv_inference_pending_request_count{${digits}}`)).toEqual(both(0));
    expect((await valuesOf(`slipway_version_threads{${digits}}`))['text']).toBeGreaterThan(0);
  });

  it("answer the guide's queries", async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/observability.md'), 'utf8');
    const queries = [...guide.matchAll(/```promql\n([^`]+)```/g)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries)
      expect(await prometheus.api(`query?query=${encodeURIComponent(query)}`), query).toMatchObject({
        resultType: 'vector',
      });
  });

  it('lead from a bucket to a trace', async () => {
    const query = encodeURIComponent('slipway_inference_request_duration_seconds_bucket{job="openmetrics"}');
    const nowSeconds = Math.ceil(Date.now() / 1000);
    const ask = async () =>
      (await prometheus.api(`query_exemplars?query=${query}&start=${nowSeconds - 600}&end=${nowSeconds + 600}`)) as
        | readonly { readonly exemplars: readonly { readonly labels: Record<string, string> }[] }[]
        | undefined;
    const found = await eventually('exemplars are there', ask, (series) => (series?.length ?? 0) > 0);
    expect(found?.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels))).toContainEqual({
      trace_id: traceId,
    });
    const spans = async () => collector.spans.filter((span) => span.traceId === traceId);
    await eventually('the trace is there', spans, (all) => all.length > 0);
  });
});

interface Vector {
  readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
}
