import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { OPEN_ACCESS } from '../servers/open-access.ts';
import { commitManifest } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const gatewayProgram = join(import.meta.dirname, '../../dist/apps/gateway/main.js');

const servedBy = async (inferUrl: string) => {
  const input = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1) };
  const response = await fetch(inferUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [input] }),
  });
  return response.headers.get('slipway-served-by') ?? `status ${response.status}`;
};

/**
 * Has version 2 served, and 1 and 3 to requests that name them, while the cache is full of what nobody needs any more: it must evict
 * that, and nothing else.
 */
async function deployWithOthersByName(server: SlipwayServer): Promise<void> {
  for (const number of [2, 3]) {
    const push = await runSlipway(server, ['model', 'push', 'digits', join(digitsDirectory, `digits-${number}.onnx`)]);
    expect(push.exitCode, push.stderr).toBe(0);
  }
  const old = join(server.stateDir, 'gateway/artifacts/sha256', 'a'.repeat(64));
  writeFileSync(old, Buffer.alloc(1024 * 1024));
  utimesSync(old, 1, 1);
  const head = 'apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: digits}\n';
  const spec = 'spec: {model: digits, version: 2, versionPolicy: {all: {}}, rollout: {strategy: allAtOnce}}\n';
  commitManifest(server.git, 'digits.yaml', `${head}${spec}`);
  for (const version of [1, 2, 3]) {
    await eventually(
      `version ${version} answers`,
      () => servedBy(`${server.gateway}/v2/models/digits/versions/${version}/infer`),
      (answer) => answer === String(version),
    );
  }
  await eventually(
    'version 2 is stable',
    () => servedBy(`${server.gateway}/v2/models/digits/infer`),
    (answer) => answer === '2',
  );
  expect(existsSync(old)).toBe(false);
}

describe('a gateway that starts while everything else is down', () => {
  const stateDir = freshStateDirectory();
  let gateway: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const server = await startSlipwayServer(stateDir, { SLIPWAY_GATEWAY_CACHE_MIB: '1' });
    await serveDigits(server, 1);
    await deployWithOthersByName(server);
    await server.stop();
    // Not even the object store is there any more; the gateway has its own state folder and nothing else.
    rmSync(join(stateDir, 'store'), { recursive: true });
    gateway = spawn(pinnedNode, [gatewayProgram], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...OPEN_ACCESS,
        SLIPWAY_GATEWAY_PORT: '0',
        SLIPWAY_GATEWAY_GRPC_PORT: '0',
        SLIPWAY_CONTROLLER_GRPC: '127.0.0.1:9',
        SLIPWAY_GATEWAY_STATE_DIR: join(stateDir, 'gateway'),
        SLIPWAY_GATEWAY_CACHE_MIB: '1',
        SLIPWAY_STORE: 's3',
        SLIPWAY_S3_ENDPOINT: '127.0.0.1:9',
      },
    });
    let log = '';
    gateway.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    url = await eventually(
      'the gateway listens',
      async () => /"url":"(http:[^"]+)"/.exec(log)?.[1] ?? '',
      (found) => found !== '',
    );
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => gateway?.once('exit', resolve));
    gateway?.kill('SIGTERM');
    await ended;
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('becomes ready and answers with the version that it served last', async () => {
    await eventually(
      'the gateway is ready',
      async () => (await fetch(`${url}/v2/health/ready`)).status,
      (status) => status === 200,
    );
    expect(await servedBy(`${url}/v2/models/digits/infer`)).toBe('2');
  });

  it('answers with the versions that are served by name, too', async () => {
    for (const number of ['3', '1']) {
      await eventually(
        `version ${number} answers`,
        () => servedBy(`${url}/v2/models/digits/versions/${number}/infer`),
        (version) => version === number,
      );
    }
  });

  it('shows its state in metrics', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain(
      'slipway_model_version_ready{namespace="default",deployment="digits",version="2",role="stable",variant="cpu/fp32"} 1',
    );
    expect(text).toMatch(
      /slipway_inference_requests_total\{model="digits",version="2",role="stable",outcome="success"\} 1/,
    );
  });
});
