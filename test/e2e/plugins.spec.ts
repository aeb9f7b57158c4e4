import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { postGraphql } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
const folder = mkdtempSync(join(tmpdir(), 'slipway-plugins-'));
const nobody = { stateDir: folder };
const image = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as { data: number[] };
const BADGE = 'badge-7';
let server: SlipwayServer;
let adminKey: string;

/** Does what the first pixel says, and everything wrong to version 2 of `picky`. */
const MOODY = `
export async function execute({ deployment, version, tensors: [tensor] }) {
  if (deployment === 'picky' && version === 2) throw new Error('not this version');
  switch (tensor.data[0]) {
    case 1: throw new Error('in a mood');
    case 2: for (;;);
    case 3: process.exit(1);
    case 4: { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); }
    case 5: return [{ ...tensor, shape: [1, 63], data: tensor.data.subarray(1) }];
    case 6: return [{ ...tensor, shape: [2, 64] }];
    case 7: return 'a text';
    case 8: for (let line = 0; line < 5000; line += 1) console.log('line ' + line); return [tensor];
    default: return [tensor];
  }
}
`;
/** Takes a text with numbers between commas. */
const CSV = `
export async function execute({ tensors: [{ data: [text] }] }: { tensors: { data: Uint8Array[] }[] }) {
  const numbers = new TextDecoder().decode(text).split(',').map(Number);
  if (numbers.length !== 64) throw Object.assign(new Error('64 numbers are expected'), { code: 'INPUT_INVALID' });
  return [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: numbers }];
}
`;

const written = (name: string, kind: string, entry: string, code: string, more: object = {}) => {
  const manifest = { name, version: '1.0.0', interface: '1.0', kind, entry, ...more };
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'slipway-plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, name, entry), code);
};
const made = async (name: string, kind: string) => {
  const result = await runSlipway(nobody, ['plugin', 'new', name, '--kind', kind, '--in', folder]);
  expect(result.exitCode, result.stderr).toBe(0);
};
const entryOf = async (name: string, more: object = {}) => {
  const checked = await runSlipway(nobody, ['plugin', 'check', join(folder, name), '--json']);
  expect(checked.exitCode, checked.stderr).toBe(0);
  const { path, digest } = JSON.parse(checked.stdout) as { path: string; digest: string };
  return { path, digest, ...more };
};
const authorized = (key: string) => ({ authorization: `Bearer ${key}` });
const manifest = (name: string, spec: object) =>
  JSON.stringify({ apiVersion: 'slipway.dev/v1', kind: 'ModelDeployment', metadata: { name }, spec });
const infer = async (model: string, inputs: readonly object[], key = adminKey) => {
  const response = await fetch(`${server.gateway}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorized(key) },
    body: JSON.stringify({ inputs }),
  });
  const body = (await response.json()) as {
    code?: string;
    error?: string;
    model_version?: string;
    outputs?: { name: string; data: number[] }[];
  };
  return { status: response.status, ...body };
};
const pixels = (first = image.data[0]) => [
  { name: 'pixels', datatype: 'FP32', shape: [1, 64], data: [first, ...image.data.slice(1)] },
];
const statusOf = async (name: string) =>
  (await (
    await fetch(`${server.controller}/v1/deployments/default/${name}`, { headers: authorized(adminKey) })
  ).json()) as DeploymentStatus;
const isHealthy = ({ phase }: DeploymentStatus) => phase === 'Healthy';
const sumOf = ({ outputs = [] }: Awaited<ReturnType<typeof infer>>) =>
  (outputs.find(({ name }) => name === 'probabilities')?.data ?? []).reduce((sum, value) => sum + value, 0);

beforeAll(async () => {
  await made('percent', 'postprocessor');
  await made('no-worse', 'gate');
  await made('badges', 'auth-source');
  await made('same', 'preprocessor');
  written('moody', 'preprocessor', 'index.mjs', MOODY);
  written('csv', 'preprocessor', 'main.ts', CSV, { inputs: [{ name: 'row', datatype: 'BYTES', shape: [1] }] });
  const badge = createHash('sha256').update(BADGE).digest('hex');
  const plugins = [
    await entryOf('percent', { config: { factor: 100 }, deadlines: { execute: '5s' } }),
    await entryOf('no-worse', { config: { tolerance: 0.5 }, deadlines: { execute: '5s' } }),
    await entryOf('badges', {
      config: { badges: { [badge]: { id: 'ann', groups: ['staff'] } } },
      deadlines: { execute: '5s' },
    }),
    await entryOf('moody', { deadlines: { execute: '2s' } }),
    await entryOf('csv', { deadlines: { execute: '5s' } }),
  ];
  writeFileSync(join(folder, 'plugins.json'), JSON.stringify({ plugins }));
  server = await startSlipwayServer(stateDir, {
    SLIPWAY_PLUGINS: join(folder, 'plugins.json'),
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ACCESS_POLL_MS: '100',
    SLIPWAY_GIT_POLL_SECONDS: '1',
    SECRET_OF_THE_HOST: 'hunter2',
  });
  adminKey = readFileSync(join(stateDir, 'admin.key'), 'utf8').trim();
  await serveDigits(server, 2, adminKey);
  const files = {
    'processed.yaml': manifest('processed', {
      model: 'digits',
      version: 1,
      preprocess: ['csv'],
      postprocess: ['percent'],
    }),
    'moody.yaml': manifest('moody', { model: 'digits', version: 1, preprocess: ['moody'] }),
    'picky.yaml': manifest('picky', { model: 'digits', version: 1, preprocess: ['moody'] }),
    'judged.yaml': manifest('judged', { model: 'digits', version: 1 }),
    'access.yaml': `
apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: staff }
spec:
  bindings: [{ role: invoker, subjects: [{ group: staff }], namespaces: [default] }]
`,
  };
  commitFiles(server.git, files, 'Deploy behind plugins');
  for (const name of ['processed', 'moody', 'picky', 'judged']) {
    await eventually(`${name} is served`, () => statusOf(name), isHealthy, 60_000);
  }
}, 480_000);

afterAll(async () => {
  await server?.stop();
  for (const one of [stateDir, folder]) rmSync(one, { recursive: true, force: true });
});

describe('what `slipway plugin new` writes', () => {
  it.each(['percent', 'same', 'no-worse', 'badges'])('%s passes its own test', async (name) => {
    const run = promisify(execFile)(pinnedNode, ['--test', 'index.test.ts'], { cwd: join(folder, name) });
    expect((await run).stdout).toMatch(/pass 2/);
  });

  it('is not written over what is there, nor under a name that is none', async () => {
    const again = await runSlipway(nobody, ['plugin', 'new', 'percent', '--kind', 'gate', '--in', folder]);
    expect(again.stderr).toContain('is there already');
    const odd = await runSlipway(nobody, ['plugin', 'new', '../up', '--kind', 'gate', '--in', folder]);
    expect(odd.stderr).toContain('NAME_INVALID');
  });
});

describe('processors', () => {
  const row = (text: string) => [{ name: 'row', datatype: 'BYTES', shape: [1], data: [text] }];

  it('make the inputs of the model of what clients send, and what they get of its outputs', async () => {
    const [plain, processed] = [await infer('digits', pixels()), await infer('processed', row(image.data.join()))];
    expect(processed.status, processed.error).toBe(200);
    expect(sumOf(plain)).toBeCloseTo(1, 4);
    expect(sumOf(processed)).toBeCloseTo(100, 2);
    const metadata = await fetch(`${server.gateway}/v2/models/processed`, { headers: authorized(adminKey) });
    expect(await metadata.json()).toMatchObject({ inputs: [{ name: 'row', datatype: 'BYTES' }] });
  });

  it('tell clients what is wrong with a request', async () => {
    expect(await infer('processed', row('1,2,3'))).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await infer('processed', pixels())).toMatchObject({ status: 400, code: 'TENSOR_INVALID' });
  });

  it.each([
    [1, 'threw: in a mood'],
    [2, 'execute took longer than 2000 ms'],
    [3, 'exited with status 1'],
    [4, 'more than 128 MiB of memory'],
    [5, 'gave what does not fit'],
    [6, 'a tensor that is none'],
    [7, 'must answer an array of tensors'],
  ])('that fail are contained: mood %i', async (mood, reason) => {
    const beside = Array.from({ length: 5 }, () => infer('digits', pixels()));
    const failed = await infer('moody', pixels(mood));
    expect(failed).toMatchObject({ status: 500, code: 'PLUGIN_FAILED', error: expect.stringContaining(reason) });
    expect((await Promise.all(beside)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const next = await eventually(
      'the next is answered',
      () => infer('moody', pixels()),
      ({ status }) => status === 200,
    );
    expect(sumOf(next)).toBeCloseTo(1, 4);
  });

  it('that flood the log slow nobody down, and are heard in part', async () => {
    expect(await infer('moody', pixels(8))).toMatchObject({ status: 200 });
    const lines = () =>
      server
        .log()
        .split('\n')
        .filter((line) => line.includes('"plugin":"moody"') && line.includes('line '));
    expect(lines().length).toBeLessThan(1000);
  });

  it('that fail the candidate alone are answered by stable, and counted against it', async () => {
    const rollout = { steps: [{ setWeight: 50 }, { pause: {} }] };
    commitFiles(
      server.git,
      { 'picky.yaml': manifest('picky', { model: 'digits', version: 2, preprocess: ['moody'], rollout }) },
      'Release picky 2',
    );
    await eventually(
      'the candidate gets requests',
      () => statusOf('picky'),
      ({ candidate }) => candidate?.weightPercent === 50,
      60_000,
    );
    const answers = [];
    while ((await statusOf('picky')).candidate?.version === 2 && answers.length < 100)
      answers.push(await infer('picky', pixels()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { lastRollout, stable } = await eventually(
      'it is rolled back',
      () => statusOf('picky'),
      (one) => one.lastRollout?.version === 2,
    );
    expect(lastRollout).toMatchObject({
      outcome: 'rolledBack',
      evidence: { lastError: expect.stringContaining('not this version') },
    });
    expect(stable).toMatchObject({ version: 1 });
  });

  it('that no gateway runs leave what serves as it is, and the reason is told', async () => {
    const spec = { model: 'digits', version: 1, preprocess: ['absent'] };
    commitFiles(server.git, { 'judged.yaml': manifest('judged', spec) }, 'Name a plugin that is not there');
    const { message } = await eventually(
      'the reason is told',
      () => statusOf('judged'),
      (status) => status.message.includes('cannot serve it'),
    );
    expect(message).toContain('spec.preprocess[0]: no plugin absent of kind preprocessor runs on this gateway');
    expect(await infer('judged', pixels())).toMatchObject({ status: 200 });
  });
});

it('a gate that is a plugin promotes by what the gateways have counted', async () => {
  const rollout = { steps: [{ setWeight: 50 }], gates: [{ metric: 'plugin', plugin: 'no-worse', interval: '1s' }] };
  commitFiles(server.git, { 'judged.yaml': manifest('judged', { model: 'digits', version: 2, rollout }) }, 'Release');
  const waits = (status: DeploymentStatus) => JSON.stringify(status).includes('nobody has asked the candidate yet');
  await eventually('it waits', () => statusOf('judged'), waits, 60_000);
  const ask = async () => {
    await infer('judged', pixels());
    return statusOf('judged');
  };
  const isOver = ({ stable, candidate }: DeploymentStatus) => stable?.version === 2 && candidate === undefined;
  const { lastRollout } = await eventually('it is stable', ask, isOver, 60_000);
  expect(lastRollout).toMatchObject({
    version: 2,
    outcome: 'promoted',
    reason: expect.stringContaining("plugin/no-worse: 0.0 % of the candidate's requests fail"),
  });
});

describe('a plugin that tells whom a credential names', () => {
  it('lets policies decide what they may do', async () => {
    expect(await infer('digits', pixels(), BADGE)).toMatchObject({ status: 200 });
    const list = await fetch(`${server.controller}/v1/deployments`, { headers: authorized(BADGE) });
    expect(await list.json()).toEqual({ deployments: [] });
    const { errors } = await postGraphql(server.registry, { query: '{ caller { name groups } }' }, BADGE);
    expect(errors).toBeUndefined();
  });

  it('lets nobody else in', async () => {
    expect(await infer('digits', pixels(), 'badge-8')).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });
});

it('the plugins are listed with their states, for those who may see settings', async () => {
  const query = '{ plugins { program name version kind state failures losses lastError } }';
  const { data } = await eventually(
    'the gateway has reported them',
    () => postGraphql(server.controller, { query }, adminKey),
    (reply) => JSON.stringify(reply.data).includes('moody'),
  );
  const plugins = data?.['plugins'] as { program: string; name: string; kind: string; state: string; losses: number }[];
  expect(plugins.map(({ program, name, kind }) => `${program} ${name} ${kind}`).sort()).toEqual([
    'controller badges authSource',
    'controller no-worse gate',
    'gateway badges authSource',
    'gateway csv preprocessor',
    'gateway moody preprocessor',
    'gateway percent postprocessor',
  ]);
  expect(plugins.find(({ name }) => name === 'moody')?.losses).toBeGreaterThanOrEqual(3);
  const denied = await postGraphql(server.controller, { query }, BADGE);
  expect(denied.errors?.[0]?.extensions['code']).toBe('ACCESS_DENIED');
  const own = await postGraphql(server.registry, { query: '{ plugins { name state } }' }, adminKey);
  expect(own.data?.['plugins']).toEqual([{ name: 'badges', state: 'READY' }]);
  const listed = await runSlipway(server, ['plugin', 'list', '--controller', server.controller]);
  expect(listed.stdout).toMatch(/moody +1\.0\.0 +preprocessor +gateway/);
  const metrics = await fetch(`${server.gateway}/metrics`, { headers: authorized(adminKey) });
  expect(await metrics.text()).toMatch(/slipway_plugin_workers_lost_total\{plugin="moody"\} \d/);
});

it('a plugin of another digest, or none, keeps the programs from starting, and says so', async () => {
  appendFileSync(join(folder, 'csv/main.ts'), '// changed\n');
  const other = freshStateDirectory();
  const starting = startSlipwayServer(other, { SLIPWAY_PLUGINS: join(folder, 'plugins.json') });
  await expect(starting).rejects.toThrow(/csv\) digest is sha256:[0-9a-f]{64}, and the folder has sha256:/);
  rmSync(other, { recursive: true, force: true });
});
