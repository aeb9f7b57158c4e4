import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { RunnerProcess, type RunnerProgram } from '#adapters/runner-client';
import type { Digest } from '#domain/registry';

/** Adds to its input what the version's two files say, or does what these or the input's first element tell it to. */
const ADDER = `
let started, added;
export function init(config, host) { started = { ...config, ...host }; }
export function load(model) {
  const told = new TextDecoder().decode(model.read());
  if (told === 'spin') for (;;);
  if (told === 'exit') process.exit(4);
  if (told === 'outside') model.read('../secret');
  added = Number(told) + Number(new TextDecoder().decode(model.read('more/second')));
  if (Number.isNaN(added)) throw new Error(told + ' is no\\nnumber');
  console.log(started.greeting, 'from', started.name, started.version, 'with', Object.keys(process.env).length, 'variables');
}
export async function execute({ tensors: [x], outputNames, limitMs }) {
  switch (x.data[0]) {
    case -1: throw new Error('in a mood');
    case -2: throw Object.assign(new Error('not -2'), { code: 'INPUT_INVALID' });
    case -3: for (;;);
    case -4: process.exit(5);
    case -5: setTimeout(() => { throw new Error('afterwards'); }, 1); return new Promise((resolve) => setTimeout(resolve, 60_000));
    case -6: return [];
    case -7: return [{ ...x, name: 'y', shape: [5] }];
    case -8: { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); }
    case -9: return new Promise(() => {});
    case -10: await import('node:child_process');
    case -11: return [{ name: 'y', datatype: 'FP32', shape: [2], data: [limitMs, outputNames.length] }];
  }
  const sums = x.data.map((value) => value + added);
  x.data.fill(0);
  return [{ name: 'unasked', datatype: 'INT64', shape: [1], data: [1n] }, { ...x, name: 'y', data: sums }];
}
export function shutdown() { console.log('good bye'); }
`;
const folder = mkdtempSync(join(tmpdir(), 'slipway-runtime-plugin-'));
writeFileSync(join(folder, 'index.mjs'), ADDER);
writeFileSync(join(folder, 'idle.mjs'), 'export const execute = () => [];\n');
writeFileSync(join(folder, 'reader.mjs'), "import 'node:fs';\nexport const [load, execute] = [() => {}, () => []];\n");

const program: RunnerProgram = {
  nodeArguments: ['--conditions=slipway-source', join(import.meta.dirname, 'main.ts'), 'plugin'],
  workingDirectory: folder,
};
const plugin = {
  name: 'adder',
  version: '1.2.3',
  folder,
  entry: 'index.mjs',
  config: { greeting: 'hello' },
  grants: [],
};
const signature = {
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1] }],
};
const running: RunnerProcess[] = [];

function start(more: Partial<RunnerProgram> = {}) {
  const lost = Promise.withResolvers<string>();
  const runner = new RunnerProcess({ ...program, ...more }, lost.resolve);
  running.push(runner);
  return { runner, lost: lost.promise };
}

/** @param told what the first file of the version has; the second one has 1. */
function load(runner: RunnerProcess, told: string, { entry = plugin.entry, maxMemoryBytes = 2 ** 30 } = {}) {
  const files = mkdtempSync(join(folder, 'version-'));
  mkdirSync(join(files, 'more'));
  writeFileSync(join(files, 'first'), told);
  writeFileSync(join(files, 'more/second'), '1');
  const file = (path: string) => ({ path, sizeBytes: 1, digest: `sha256:${'0'.repeat(64)}` as Digest });
  const variant = { format: 'sum', target: 'cpu', precision: 'fp32', files: [file('first'), file('more/second')] };
  const modelPath = join(files, 'first');
  const runBy = { plugin: { ...plugin, entry }, variant };
  return runner.load({ modelPath, signature, runBy, provider: 'plugin', maxThreads: 2, maxMemoryBytes });
}

async function run(runner: RunnerProcess, values: readonly number[], limitMs = 30_000) {
  const pieces = [new Uint8Array(Float32Array.from(values).buffer)];
  const x = { name: 'x', datatype: 'FP32' as const, shape: [values.length], pieces };
  const { outputs } = await runner.run({ inputs: [x], outputNames: ['y'] }, limitMs);
  return outputs.map(({ name, data }) => [name, ...new Float32Array(data.slice().buffer)]);
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a plugin that runs models in a runner', () => {
  it('is given the configuration and the files of the version, and its answers are those that were asked for', async () => {
    const { runner } = start();
    await load(runner, '41');
    expect(runner.profile).toMatchObject({ intraOpThreads: 1, isRowIndependent: true });
    expect(await run(runner, [1, 2])).toEqual([['y', 43, 44]]);
    expect(await run(runner, [-11], 12_345)).toEqual([['y', 12_345, 1]]);
  });

  it('goes on after what it throws', async () => {
    const { runner } = start();
    await load(runner, '1');
    const mood = { code: 'MODEL_RUN_FAILED', message: 'plugin adder 1.2.3: in a mood' };
    await expect(run(runner, [-1])).rejects.toMatchObject(mood);
    await expect(run(runner, [-2])).rejects.toMatchObject({ code: 'INPUT_INVALID', message: 'not -2' });
    await expect(run(runner, [-6])).rejects.toThrow('execute gave no output y');
    await expect(run(runner, [-7])).rejects.toThrow('a tensor that is none');
    await expect(run(runner, [-10])).rejects.toThrow('node:child_process cannot be loaded: plugins may not have it');
    expect(await run(runner, [5])).toEqual([['y', 7]]);
  });

  it.each([
    [-4, 'status 5'],
    [-5, 'it threw outside of a call: afterwards'],
    [-8, 'signal'],
    [-9, 'status 13'],
  ])('takes its runner along, and nothing else, at %i', async (deed, reason) => {
    const { runner, lost } = start();
    await load(runner, '1', { maxMemoryBytes: 2 ** 27 });
    await expect(run(runner, [deed])).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    expect(await lost).toContain(reason);
  });

  it('is ended with its process when a run does not end', async () => {
    const { runner, lost } = start();
    await load(runner, '1');
    await expect(run(runner, [-3], 200)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await lost).toContain('a run took longer than its 200 ms');
  });

  it.each([
    ['one', {}, 'plugin adder 1.2.3: one is no number'],
    ['outside', {}, 'the version has no file ../secret'],
    ['1', { entry: 'idle.mjs' }, 'idle.mjs exports no function load'],
    ['1', { entry: 'reader.mjs' }, 'node:fs cannot be loaded: allow: [files] in the list of plugins gives it'],
  ])('that cannot load %s with %j says why', async (told, how, reason) => {
    const loading = load(start().runner, told, how);
    await expect(loading).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      message: expect.stringContaining(reason),
    });
  });

  it('that ends or hangs while it loads is given up', async () => {
    await expect(load(start().runner, 'exit')).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    const hanging = load(start({ loadLimitMs: 3000 }).runner, 'spin');
    await expect(hanging).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('shuts down before its runner is ended, and what it prints is heard', async () => {
    const printed: Promise<string>[] = [];
    const { runner } = start({
      shutdownMs: 30_000,
      onOutput: (stream, name) => void (name === 'stdout' && printed.push(text(stream))),
    });
    await load(runner, '1');
    await runner.close();
    // Of the host's own environment there is nothing but what every runner has.
    expect(await printed[0]).toBe('hello from adder 1.2.3 with 3 variables\ngood bye\n');
  });
});
