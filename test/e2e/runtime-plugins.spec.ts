import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcInferenceClient } from '#adapters/inference-client';
import type { DeploymentStatus } from '#generated/deployment-status';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { postGraphql } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const treesDirectory = join(import.meta.dirname, '../models/trees');
const stateDir = freshStateDirectory();
const folder = mkdtempSync(join(tmpdir(), 'slipway-runtimes-'));
const nobody = { stateDir: folder };
let server: SlipwayServer;

/** Gives back what it gets, but does everything wrong when the first element or the version says so. */
const MOODY = `
export function load(model) {
  const mood = new TextDecoder().decode(model.read()).trim();
  if (mood === 'bad') throw new Error('it is not in the mood');
  if (mood === 'endless') for (;;);
  console.log('loaded in a mood that is ' + mood);
}
export function execute({ tensors: [tensor] }) {
  if (tensor.data[0] === 1) throw new Error('in a mood');
  if (tensor.data[0] === 2) for (;;);
  if (tensor.data[0] === 3) process.exit(1);
  return [{ ...tensor, name: 'same' }];
}
`;
const ECHO = { inputs: [{ name: 'given', shape: [-1, 1] }], outputs: [{ name: 'same', shape: [-1, 1] }] };
const signatureOf = ({ inputs, outputs }: typeof ECHO) => {
  const specs = (tensors: typeof ECHO.inputs) => tensors.map((tensor) => ({ ...tensor, datatype: 'FP32' }));
  return { inputs: specs(inputs), outputs: specs(outputs) };
};
const treesOf = (shape: readonly number[]) => ({
  inputs: [{ name: 'rows', shape: [-1, 4] }],
  outputs: [{ name: 'score', shape: [...shape] }],
});

const written = (name: string, own: object = {}) => {
  const manifest = { name, version: '2.3.4', interface: '1.1', kind: 'runtime', entry: 'index.mjs', ...own };
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'slipway-plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, name, 'index.mjs'), MOODY);
};
const checked = (name: string) => runSlipway(nobody, ['plugin', 'check', join(folder, name), '--json']);
const entryOf = async (name: string, more: object) => {
  const { path, digest } = JSON.parse((await checked(name)).stdout) as { path: string; digest: string };
  return { path, digest, deadlines: { init: '60s' }, ...more };
};
const listed = (file: string, plugins: readonly object[]) => {
  writeFileSync(join(folder, file), JSON.stringify({ plugins }));
  return { SLIPWAY_PLUGINS: join(folder, file) };
};
const succeeded = async (args: readonly string[]) => {
  const { exitCode, stdout, stderr } = await runSlipway(server, args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
};
/** Registers a version of a file, and deploys it. */
const release = async (model: string, file: string, format: string, signature: typeof ECHO) => {
  const metadata = join(folder, `${model}-metadata.json`);
  writeFileSync(metadata, JSON.stringify({ signature: signatureOf(signature) }));
  await succeeded(['model', 'push', model, file, '--format', format, '--metadata', metadata]);
  await succeeded(['deploy', `${model}@1`]);
};
const moodyModel = (model: string, mood: string, format = 'moody') => {
  const file = join(folder, `${model}.txt`);
  writeFileSync(file, mood);
  return release(model, file, format, ECHO);
};
const statusOf = async (name: string) =>
  (await (await fetch(`${server.controller}/v1/deployments/default/${name}`)).json()) as DeploymentStatus;
const infer = async (model: string, name: string, shape: readonly number[], data: readonly number[]) => {
  const response = await fetch(`${server.gateway}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name, datatype: 'FP32', shape, data }] }),
  });
  const body = (await response.json()) as { code?: string; error?: string; outputs?: { data: number[] }[] };
  return { status: response.status, ...body };
};
const echo = (first: number) => infer('moods', 'given', [1, 1], [first]);
const isReady = (model: string) =>
  eventually(
    `${model} answers`,
    async () => (await fetch(`${server.gateway}/v2/models/${model}/ready`)).status,
    (status) => status === 200,
    60_000,
  );
/** Its first version cannot be loaded, for a reason that is told. */
const isRefused = async (model: string, reason: string) => {
  const isOver = ({ lastRollout }: DeploymentStatus) => lastRollout !== undefined;
  const { lastRollout } = await eventually(`${model} is given up`, () => statusOf(model), isOver, 60_000);
  expect(lastRollout).toMatchObject({ outcome: 'failed', reason: expect.stringContaining(reason) });
};

beforeAll(async () => {
  const made = await runSlipway(nobody, ['plugin', 'new', 'trees', '--kind', 'runtime', '--in', folder]);
  expect(made.exitCode, made.stderr).toBe(0);
  written('moody');
  const plugins = [
    await entryOf('trees', { serves: [{ format: 'xgboost-json', target: 'cpu' }], config: { maxTrees: 100 } }),
    await entryOf('moody', { serves: [{ format: 'moody' }], deadlines: { init: '10s' } }),
  ];
  server = await startSlipwayServer(stateDir, {
    ...listed('plugins.json', plugins),
    SLIPWAY_GIT_POLL_SECONDS: '1',
  });
}, 120_000);

afterAll(async () => {
  await server?.stop();
  for (const one of [stateDir, folder]) rmSync(one, { recursive: true, force: true });
});

describe('what `slipway plugin new --kind runtime` writes', () => {
  it('passes its own test, and is allowed by what `slipway plugin check` prints', async () => {
    const run = promisify(execFile)(pinnedNode, ['--test', 'index.test.ts'], { cwd: join(folder, 'trees') });
    expect((await run).stdout).toMatch(/pass 2/);
    const entry = await runSlipway(nobody, ['plugin', 'check', join(folder, 'trees')]);
    expect(entry.stdout).toMatch(
      /^# trees 0\.1\.0, runtime\n- path: .*\n {2}digest: sha256:.*\n {2}serves: \[\{ format: trees \}\]/,
    );
  });

  it.each([
    ['regression', [-1]],
    ['binary', [-1, 1]],
    ['classes', [-1, 3]],
  ])('computes what XGBoost does, by REST and by gRPC: %s', async (name, shape) => {
    await release(name, join(treesDirectory, `${name}.json`), 'xgboost-json', treesOf(shape));
    await isReady(name);
    const text = readFileSync(join(treesDirectory, `${name}-predictions.json`), 'utf8');
    const { rows, predictions } = JSON.parse(text) as { rows: (number | null)[][]; predictions: (number | number[])[] };
    const isWhole = (_: unknown, index: number) => rows[index]?.includes(null) === false;
    const whole = rows.filter(isWhole) as number[][];
    const answer = await infer(name, 'rows', [whole.length, 4], whole.flat());
    expect(answer.status, answer.error).toBe(200);
    const expected = predictions.filter(isWhole).flat();
    expect(answer.outputs?.[0]?.data).toEqual(expected.map((value) => expect.closeTo(value, 6)));

    const client = new GrpcInferenceClient(server.gatewayGrpc);
    const data = new Uint8Array(Float32Array.from(rows.flat().map((value) => value ?? Number.NaN)).buffer);
    const { outputs } = await client.infer(name, [{ name: 'rows', datatype: 'FP32', shape: [rows.length, 4], data }]);
    client.close();
    const scores = [...new Float32Array(Uint8Array.from(outputs[0]?.data ?? []).buffer)];
    expect(scores).toEqual(predictions.flat().map((value) => expect.closeTo(value, 6)));
  });
});

describe('a runtime that fails', () => {
  it('answers again after what it throws, a loop without end and an exit, and nobody else is touched', async () => {
    await moodyModel('moods', 'good');
    await isReady('moods');
    expect(await echo(7)).toMatchObject({ status: 200, outputs: [{ data: [7] }] });
    const failures = [
      [1, 'MODEL_RUN_FAILED', 'plugin moody 2.3.4: in a mood'],
      [3, 'RUNNER_LOST', 'status 1'],
      [2, 'DEADLINE_EXCEEDED', ''],
    ] as const;
    const { pid } = server;
    for (const [mood, code, reason] of failures) {
      const beside = Array.from({ length: 5 }, () => infer('binary', 'rows', [1, 4], [0, 0, 0, 0]));
      expect(await echo(mood)).toMatchObject({ code, error: expect.stringContaining(reason) });
      expect((await Promise.all(beside)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      const again = () => echo(8);
      await eventually('it answers again', again, ({ status }) => status === 200, 60_000);
    }
    expect([server.pid, server.child.exitCode]).toEqual([pid, null]);
    expect(server.log()).toContain('loaded in a mood that is good');
  });

  it.each([
    ['bad', 'plugin moody 2.3.4: it is not in the mood'],
    ['endless', 'did not answer within 10000 ms'],
  ])('to load a version that is %s keeps that from being ready, and the reason is told', async (mood, reason) => {
    await moodyModel(`mood-${mood}`, mood);
    await isRefused(`mood-${mood}`, reason);
    expect((await fetch(`${server.gateway}/v2/models/mood-${mood}/ready`)).ok).toBe(false);
    expect(await echo(9)).toMatchObject({ status: 200 });
  });

  it('a version of a format that nothing here runs says so', async () => {
    await moodyModel('unheard', 'good', 'unheard-of');
    await isRefused('unheard', 'this gateway can run none of the variants: cpu/fp32 unheard-of');
  });
});

it('runtimes are told with their versions and what they run, wherever runtimes are', async () => {
  const trees = { name: 'trees', version: '0.1.0', isUsed: true, serves: ['xgboost-json for cpu'] };
  const moody = { name: 'moody', version: '2.3.4', isUsed: true, serves: ['moody'] };
  const health = (await (await fetch(`${server.gateway}/health/runtimes`)).json()) as { runtimes: object[] };
  expect(health.runtimes).toEqual(expect.arrayContaining([trees, moody]));
  const metrics = await (await fetch(`${server.gateway}/metrics`)).text();
  expect(metrics).toContain('slipway_runtime_info{runtime="trees",version="0.1.0"} 1');
  const query = '{ runtimes { runtimes { name version isUsed serves } } }';
  const { data } = await postGraphql(server.controller, { query });
  expect(data?.['runtimes']).toMatchObject([{ runtimes: expect.arrayContaining([trees, moody]) }]);
  expect(await succeeded(['runtimes'])).toMatch(/trees +0\.1\.0 +a plugin, for xgboost-json for cpu/);
});

describe('a format of anybody’s own', () => {
  const ask = (query: string, variables = {}) => postGraphql(server.registry, { query, variables });

  it('is kept as it was given, and found by it', async () => {
    const query = '{ versions(filter: "format = \'xgboost-json\'") { nodes { model variants { format } } } }';
    const { data, errors } = await ask(query);
    expect(errors).toBeUndefined();
    const variants = [{ format: 'xgboost-json' }];
    const found = ['binary', 'classes', 'regression'].map((model) => ({ model, variants }));
    expect(data?.['versions']).toEqual({ nodes: expect.arrayContaining(found) });
    const typed = await ask('query ($format: [ModelFormat!]) { versions(where: { format: $format }) { totalCount } }', {
      format: ['moody', 'ONNX'],
    });
    expect(typed.data?.['versions']).toEqual({ totalCount: 3 });
  });

  it('is a word, beside the formats that Slipway knows in documents of before', async () => {
    const create = (format: string) => `mutation {
      createVersion(input: {
        model: "moods"
        variants: [{ format: ${format}, files: [{ path: "a", digest: "sha256:${'0'.repeat(64)}", sizeBytes: 1 }] }]
      }) { id }
    }`;
    expect((await ask(create('SAVEDMODEL'))).errors).toBeUndefined();
    const { errors } = await ask(create('"two words"'));
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('input.variants[0].format "two words" is no format'),
      extensions: { code: 'INPUT_INVALID' },
    });
    const pushed = await runSlipway(server, ['model', 'push', 'moods', folder, '--format', 'Two_Words']);
    expect(pushed.stderr).toContain('--format "Two_Words" is no format');
  });
});

describe('a list of plugins that is wrong', () => {
  const starting = async (file: string, plugins: readonly object[]) => {
    const other = freshStateDirectory();
    try {
      await startSlipwayServer(other, listed(file, plugins));
      return '';
    } catch (error) {
      return (error as Error).message;
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  };

  it('keeps programs from starting when a runtime is not what was allowed', async () => {
    const entry = await entryOf('moody', { serves: [{ format: 'moody' }] });
    appendFileSync(join(folder, 'moody/index.mjs'), '// changed\n');
    expect(await starting('changed.json', [entry])).toMatch(
      /moody\) digest is sha256:[0-9a-f]{64}, and the folder has sha256:/,
    );
  });

  it('is told of interfaces that do not fit', async () => {
    written('older', { interface: '1.0' });
    written('newer', { interface: '1.7' });
    expect((await checked('older')).stderr).toContain('interface is 1.0, and the kind runtime came with 1.1');
    expect((await checked('newer')).stderr).toContain(
      'interface is 1.7, and this host offers 1.1: the host is too old',
    );
  });
});
