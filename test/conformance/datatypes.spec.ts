import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installInteropPython, installPython } from '../servers/python.ts';
import { expectChecksToPass } from './run-checks.ts';

const writer = join(import.meta.dirname, '../models/write_identity_models.py');
const script = join(import.meta.dirname, 'datatypes_check.py');
/** The native runtime does, where the tests are run with it. */
const carriesBf16 = process.env['SLIPWAY_GATEWAY_RUNTIME'] === 'native';

describe('every datatype, there and back, with tritonclient and curl', () => {
  const stateDir = freshStateDirectory();
  const models = mkdtempSync(join(tmpdir(), 'slipway-identity-'));
  let python: string;
  let server: SlipwayServer;

  beforeAll(async () => {
    python = await installPython();
    const written = spawnSync(await installInteropPython(), [writer, models], { encoding: 'utf8' });
    expect(written.status, written.stderr).toBe(0);
    server = await startSlipwayServer(stateDir);
    for (const file of readdirSync(models)) await serve(basename(file, '.onnx'), join(models, file));
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(stateDir, { recursive: true, force: true });
    rmSync(models, { recursive: true, force: true });
  });

  const serve = async (name: string, file: string) => {
    const pushed = await runSlipway(server, ['model', 'push', name, file]);
    expect(pushed.exitCode, pushed.stderr).toBe(0);
    const deployed = await runSlipway(server, ['deploy', `${name}@1`]);
    expect(deployed.exitCode, deployed.stderr).toBe(0);
    if (name === 'identity-bf16' && !carriesBf16) return;
    const ready = async () => (await fetch(`${server.gateway}/v2/models/${name}/ready`)).status;
    await eventually(`${name} answers`, ready, (status) => status === 200);
  };

  it('finds every check passed, over HTTP and gRPC', () => {
    expectChecksToPass(python, [script, server.gateway.replace('http://', ''), server.gatewayGrpc], 60);
  });

  const curl = (...args: string[]) => {
    const { status, stdout } = spawnSync('curl', ['-s', '-D', '-', ...args], { encoding: 'latin1' });
    expect(status).toBe(0);
    const at = stdout.indexOf('\r\n\r\n');
    return { head: stdout.slice(0, at).toLowerCase(), body: Buffer.from(stdout.slice(at + 4), 'latin1') };
  };

  it('takes nothing but the bytes of the only input, and gives bytes back', () => {
    const { head, body } = curl(
      ...['-H', 'inference-header-content-length: 0', '-H', 'content-type: application/octet-stream'],
      ...['--data-binary', 'four', `${server.gateway}/v2/models/identity-fp32/infer`],
    );
    const length = Number(/inference-header-content-length: (\d+)/.exec(head)?.[1]);
    expect(JSON.parse(body.subarray(0, length).toString()).outputs).toMatchObject([{ name: 'same', shape: [1, 1] }]);
    expect(body.subarray(length).toString()).toBe('four');
  });

  it('carries FP16 in JSON', () => {
    const data = '{"inputs":[{"name":"given","shape":[1,2],"datatype":"FP16","data":[0.1,-2]}]}';
    const { body } = curl('-d', data, `${server.gateway}/v2/models/identity-fp16/infer`);
    expect(JSON.parse(body.toString()).outputs[0].data).toEqual([0.0999755859375, -2]);
  });

  it('carries BF16, or says that the runtime cannot when the version is deployed', async () => {
    if (carriesBf16) {
      const body = {
        inputs: [{ name: 'given', datatype: 'BF16', shape: [1, 2], parameters: { binary_data_size: 4 } }],
      };
      const json = Buffer.from(JSON.stringify({ ...body, parameters: { binary_data_output: true } }));
      const answer = await fetch(`${server.gateway}/v2/models/identity-bf16/infer`, {
        method: 'POST',
        headers: { 'inference-header-content-length': String(json.byteLength) },
        body: Buffer.concat([json, Buffer.of(1, 2, 3, 4)]),
      });
      expect([answer.status, Buffer.from(await answer.arrayBuffer()).subarray(-4)]).toEqual([
        200,
        Buffer.of(1, 2, 3, 4),
      ]);
      return;
    }
    const status = async () => (await runSlipway(server, ['rollout', 'status', 'identity-bf16'])).stdout;
    await eventually('the deployment failed', status, (text) => /Failed.*BFLOAT16|Failed.*BF16/s.test(text));
  });
});
