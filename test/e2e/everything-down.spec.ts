import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { serveDigits } from './serve-digits.ts';
import { startSlipwayServer } from './slipway-server.ts';

const gatewayProgram = join(import.meta.dirname, '../../dist/apps/gateway/main.js');

describe('a gateway that starts while everything else is down', () => {
  const stateDir = freshStateDirectory();
  let gateway: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const server = await startSlipwayServer(stateDir);
    await serveDigits(server, 2);
    await server.stop();
    // Not even the object store is there any more; the gateway has its own state folder and nothing else.
    renameSync(join(stateDir, 'store'), join(stateDir, 'store-away'));
    gateway = spawn(pinnedNode, [gatewayProgram], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        SLIPWAY_GATEWAY_PORT: '0',
        SLIPWAY_GATEWAY_GRPC_PORT: '0',
        SLIPWAY_CONTROLLER_GRPC: '127.0.0.1:9',
        SLIPWAY_GATEWAY_STATE_DIR: join(stateDir, 'gateway'),
        SLIPWAY_STORE_DIR: join(stateDir, 'store'),
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
    const input = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1) };
    const response = await fetch(`${url}/v2/models/digits/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [input] }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('slipway-served-by')).toBe('2');
  });

  it('shows its state in metrics', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain(
      'slipway_model_version_ready{namespace="default",deployment="digits",version="2",variant="cpu/fp32"} 1',
    );
    expect(text).toMatch(
      /slipway_inference_requests_total\{model="digits",version="2",role="stable",outcome="success"\} 1/,
    );
  });
});
