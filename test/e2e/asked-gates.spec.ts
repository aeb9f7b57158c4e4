import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { commitManifest } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
const register = new Registry();
const conversion = new Gauge({
  name: 'conversion',
  help: 'Of orders.',
  labelNames: ['version'],
  registers: [register],
});
/** What the hook was asked, and what it answers. */
const questions: { readonly candidate: number; readonly stable: number }[] = [];
let verdict: 'pass' | 'fail' | 'hold' = 'hold';
let exporter: Server;
let hook: Server;
let prometheus: PrometheusServer;
let server: SlipwayServer;

beforeAll(async () => {
  exporter = await listen((_request, response) => {
    void register.metrics().then((text) => response.setHeader('content-type', register.contentType).end(text));
  });
  hook = await listen((request, response) => {
    void request.toArray().then((chunks) => {
      questions.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end(JSON.stringify({ verdict, reason: `the suite says ${verdict}` }));
    });
  });
  prometheus = await startPrometheus({ orders: addressOf(exporter) });
  server = await startSlipwayServer(stateDir, {
    SLIPWAY_PROMETHEUS_URL: prometheus.url,
    SLIPWAY_GATE_HOSTS: addressOf(hook),
    SLIPWAY_GIT_POLL_SECONDS: '1',
  });
  await serveDigits(server, 1);
  for (const number of [2, 3]) {
    const file = `test/models/digits/digits-${number}.onnx`;
    const pushed = await runSlipway(server, ['model', 'push', 'digits', file]);
    expect(pushed.exitCode, pushed.stderr).toBe(0);
  }
});

afterAll(async () => {
  await server?.stop();
  await prometheus?.stop();
  exporter?.close();
  hook?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

async function listen(answer: RequestListener): Promise<Server> {
  const listening = createServer(answer).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return listening;
}

function addressOf(listening: Server): string {
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** Commits a version that is judged by one gate, after a step without a wait. */
function release(version: number, gate: object): void {
  const rollout = { steps: [{ setWeight: 50 }], gates: [gate] };
  const spec = { model: 'digits', version, rollout };
  const manifest = { apiVersion: 'slipway.dev/v1', kind: 'ModelDeployment', metadata: { name: 'digits' }, spec };
  // JSON is YAML.
  commitManifest(server.git, manifestFile(), JSON.stringify(manifest));
}

function manifestFile(): string {
  const files = execFileSync('git', ['--git-dir', server.git, 'ls-tree', '-r', '--name-only', 'main'], {
    encoding: 'utf8',
  });
  return files.split('\n').find((file) => file.includes('digits')) ?? 'digits.yaml';
}

const status = async () =>
  (await (await fetch(`${server.controller}/v1/deployments/default/digits`)).json()) as DeploymentStatus;

it('a candidate with a bad value in Prometheus is rolled back; one that Prometheus knows nothing of yet waits', async () => {
  const query = 'conversion{version="{{candidate}}"}';
  release(2, { metric: 'prometheus', query, min: 0.03, interval: '1s', consecutive: 2, onNoData: 'hold' });
  const waits = (answer: DeploymentStatus) => JSON.stringify(answer).includes('the query gives no series');
  const waiting = await eventually('it waits for data', status, waits);
  expect(waiting.candidate).toMatchObject({ version: 2, weightPercent: 50 });
  conversion.set({ version: '2' }, 0.01);
  const ended = await eventually('it is out', status, ({ lastRollout }) => lastRollout?.version === 2);
  expect(ended.lastRollout).toMatchObject({
    outcome: 'rolledBack',
    reason: 'prometheus: 0.01 is below 0.03, then 0.01 is below 0.03',
  });
  expect(ended.stable).toMatchObject({ version: 1 });
});

it('a candidate is promoted when the hook is content, and not before', async () => {
  release(3, { metric: 'http', url: `http://${addressOf(hook)}/digits`, interval: '1s' });
  await eventually(
    'the hook is asked again',
    async () => questions.length,
    (count) => count >= 2,
  );
  expect(questions[0]).toMatchObject({ candidate: 3, stable: 1 });
  expect((await status()).candidate).toMatchObject({ version: 3, weightPercent: 50 });
  verdict = 'pass';
  await eventually('it is stable', status, ({ stable, candidate }) => stable?.version === 3 && candidate == null);
  const asked = questions.length;
  await new Promise((resolve) => setTimeout(resolve, 2500));
  // A rollout that is over is asked about no more.
  expect(questions).toHaveLength(asked);
});
