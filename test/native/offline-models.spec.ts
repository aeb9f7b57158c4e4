import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { bundledLibrary, OfflineModelSession } from '#adapters/runtime-native';
import { objectKeys } from '#application/registry';
import type { Tensor } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { ServedVersion } from '#generated/slipway/control/v1/control';
import { deploymentOf } from '../faults/fault-models.ts';
import { jsonBody, RestCaller } from '../faults/rest-caller.ts';
import { ScriptedController } from '../faults/scripted-controller.ts';
import { buildAscendSimulator } from '../servers/ascend-simulator.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-offline-'));
/** Two outputs for two inputs, and halves of FP16 as they are. */
const SWAPPED =
  'input a FLOAT16 2\ninput b INT64 1x1\noutput first FLOAT16 2\noutput second INT64 1x1\ncompute identity\n';
const AFFINE = 'input x FLOAT 1x3\noutput y FLOAT 1x3\ncompute affine 2 0.5\n';
let library: string;

beforeAll(async () => {
  library = await buildAscendSimulator();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(folder, `${name}.om`);
  writeFileSync(path, `slipway simulated model 1\n${text}`);
  return path;
}

const load = (name: string, text: string) => OfflineModelSession.load(written(name, text), library);
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const x = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [1, values.length],
  data: floats(...values),
});

describe('OfflineModelSession', () => {
  it('computes the outputs that are asked for, in their order', async () => {
    const session = await load('swapped', SWAPPED);
    const a = { name: 'a', datatype: 'FP16' as const, shape: [2], data: Uint8Array.of(0, 60, 0, 64) };
    const b = { name: 'b', datatype: 'INT64' as const, shape: [1, 1], data: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 1) };
    const [second, first] = await session.run([b, a], ['second', 'first']);
    expect(second).toEqual({ ...b, name: 'second' });
    expect(first).toEqual({ ...a, name: 'first' });
    await session.release();
  });

  it('names inputs that are not the model’s, and runs on', async () => {
    const session = await load('affine', AFFINE);
    await expect(session.run([x(1, 2)], ['y'])).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: 'input x has shape [1, 2]: the model was converted for [1, 3]',
    });
    await expect(session.run([{ ...x(1, 2, 3), data: floats(1) }], ['y'])).rejects.toThrow('the model takes 12');
    await expect(session.run([{ ...x(1, 2, 3), datatype: 'INT32' }], ['y'])).rejects.toThrow('another type');
    await expect(session.run([], ['y'])).rejects.toThrow('input x is missing');
    await expect(session.run([{ ...x(1, 2, 3), name: 'z' }], ['y'])).rejects.toThrow('no input z: it has x');
    await expect(session.run([x(1, 2, 3)], ['z'])).rejects.toThrow('no output z: it has y');
    expect(await session.run([x(1, 2, 3)], ['y'])).toEqual([{ ...x(2.5, 4.5, 6.5), name: 'y' }]);
    await session.release();
  });

  it('waits no longer than its limit, and the next run waits for what goes on', async () => {
    const session = await load('slow', `${AFFINE}takes 100000\n`);
    await expect(session.run([x(1, 2, 3)], ['y'], 1000)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the model did not answer within 1000 ms',
    });
    expect(await session.run([x(4, 5, 6)], ['y'])).toEqual([{ ...x(8.5, 10.5, 12.5), name: 'y' }]);
    await session.release();
  });

  it('tells what AscendCL says of a device that fails', async () => {
    const session = await load('failing', AFFINE.replace('affine 2 0.5', 'fail 507015'));
    await expect(session.run([x(1, 2, 3)], ['y'])).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: expect.stringContaining('507015, ACL_ERROR_RT_AICORE_EXCEPTION: a core of the device failed'),
    });
    await session.release();
  });

  it('runs nothing after its release', async () => {
    const session = await load('released', AFFINE);
    await session.release();
    await session.release();
    await expect(session.run([x(1, 2, 3)], ['y'])).rejects.toThrow('the model was released');
  });

  it.each([
    ['what is no model', 'an image', 'MODEL_LOAD_FAILED', 'ACL_ERROR_PARSE_MODEL'],
    ['free sizes', AFFINE.replaceAll('1x3', '-1x3'), 'UNSUPPORTED', 'x has free sizes, [-1, 3]'],
    ['types that are not carried', AFFINE.replaceAll('FLOAT', 'COMPLEX64'), 'UNSUPPORTED', 'x has elements of a type'],
  ])('refuses %s', async (_, text, code, message) => {
    await expect(load('refused', text)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('opens one library in a process', async () => {
    const path = written('other', AFFINE);
    await expect(OfflineModelSession.load(path, bundledLibrary())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('this process has opened'),
    });
  });
});

describe('a gateway with AscendCL', () => {
  const environment = (over: Readonly<Record<string, string>> = {}) => ({
    SLIPWAY_STORE_DIR: folder,
    SLIPWAY_GATEWAY_RUNTIME: 'native',
    SLIPWAY_GATEWAY_ASCENDCL_LIBRARY: library,
    ...over,
  });

  it('runs variants for ascend that are offline models, and tells of the device', async () => {
    const store = await FsObjectStore.open(folder);
    const bytes = Buffer.from(`slipway simulated model 1\n${AFFINE}`);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
    await store.put(objectKeys.blob(digest), bytes);
    const files = [{ path: 'model.om', digest, sizeBytes: BigInt(bytes.byteLength) }];
    const version = ServedVersion.fromPartial({
      modelNamespace: 'default',
      model: 'model',
      version: 1,
      build: 'model@1',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 3n] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1n, 3n] }],
      variants: [{ target: 'ascend', precision: 'fp32', format: 'om', files }],
    });
    const controller = await ScriptedController.start();
    const gateway = await GatewayProcess.start({
      environment: environment({ SLIPWAY_CONTROLLER_GRPC: controller.address }),
    });
    const caller = new RestCaller(gateway.url);
    try {
      await controller.serve([deploymentOf('affine', version)]);
      const { status, body } = await caller.infer('affine', jsonBody([{ ...x(), shape: [1, 3], data: [1, 2, 3] }]));
      expect(status).toBe(200);
      expect(JSON.parse(body.toString())).toMatchObject({
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 3], data: [2.5, 4.5, 6.5] }],
      });
      const inventory = await (await fetch(`${gateway.url}/health/runtimes`)).json();
      expect(inventory).toMatchObject({
        runtimes: expect.arrayContaining([{ name: 'ascendcl', isUsed: true, library }]),
        targets: expect.arrayContaining([{ target: 'ascend' }]),
        devices: expect.arrayContaining([
          { target: 'ascend', kind: 'npu', name: 'Simulated', memoryBytes: 64 * 2 ** 20 },
        ]),
      });
    } finally {
      caller.close();
      await gateway.end('SIGKILL');
      controller.stop();
    }
  });

  it.each([
    [
      'a library that is not there',
      { SLIPWAY_GATEWAY_ASCENDCL_LIBRARY: '/nowhere/libascendcl.so' },
      'cannot be opened',
    ],
    ['another library', { SLIPWAY_GATEWAY_ASCENDCL_LIBRARY: bundledLibrary() }, 'it has no function aclInit'],
    ['another runtime', { SLIPWAY_GATEWAY_RUNTIME: 'onnxruntime-node' }, 'set SLIPWAY_GATEWAY_RUNTIME to native'],
  ])('does not start with %s, and says why', async (_, over, problem) => {
    await expect(GatewayProcess.start({ environment: environment(over) })).rejects.toThrow(problem);
  });
});
