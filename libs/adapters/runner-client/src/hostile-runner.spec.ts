import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { RunnerProcess } from './runner-process.ts';

/**
 * A runner that was taken over by what it runs: it says that it has loaded a model, and does what the test names when it is to run it.
 * It needs nothing of ours, as such a runner would not.
 */
const source = `
import { ftruncateSync, readSync, writeSync } from 'node:fs';
const [, , deed] = process.argv;
const write = (words, text = '') => {
  const lane = Buffer.alloc(4096);
  words.forEach((word, index) => lane.writeDoubleLE(word, index * 8));
  lane.write(text, 16);
  // Every lane that is used here is the first or the second.
  for (const at of [0, 2 ** 32]) writeSync(4, lane, 0, lane.length, at);
};
const profile = JSON.stringify({ intraOpThreads: 1, runMs: 1, isRowIndependent: true });
const BYTES = 13, UINT8 = 1;
const deeds = {
  shrinks() { write([4096, 1, 1, UINT8, 1024, 2, 1, 2]); try { ftruncateSync(4, 0); } catch {} },
  garbage() { write([1e300, 1, 1, UINT8, -8, 2 ** 40, 1e9, NaN]); },
  shapes() { write([4096, 1, 1, UINT8, 1024, 2, 1, -2]); },
  texts() { const lane = Buffer.alloc(4); lane.writeUInt32LE(2 ** 31); write([4096, 1, 1, BYTES, 1024, 4, 1, 1]); for (const at of [0, 2 ** 32]) writeSync(4, lane, 0, 4, at + 1024); },
  bells() { writeSync(3, Uint8Array.from([77])); },
  nothing() {},
};
const bell = Buffer.alloc(1);
while (readSync(3, bell) > 0) {
  if (bell[0] === 255) {
    if (deed === 'loads') write([2 ** 40, -2]);
    else if (deed === 'profiles') write([16 + 4, -2], 'null');
    else write([16 + profile.length, -2], profile);
  } else deeds[deed]();
  if (deed !== 'nothing' || bell[0] === 255) writeSync(3, bell);
}
`;
const folder = mkdtempSync(join(tmpdir(), 'hostile-runner-'));
const path = join(folder, 'runner.mjs');
writeFileSync(path, source);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signature = {
  inputs: [{ name: 'x', datatype: 'UINT8' as const, shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'UINT8' as const, shape: [-1] }],
};
const running: RunnerProcess[] = [];
function start(deed: string, graceMs = 0) {
  const reasons: string[] = [];
  const program = { nodeArguments: [path, deed], workingDirectory: folder, graceMs };
  const runner = new RunnerProcess(program, (reason) => reasons.push(reason));
  running.push(runner);
  const load = () => runner.load({ modelPath: 'x', signature, provider: 'cpu', maxThreads: 1 });
  const x = { name: 'x', datatype: 'UINT8' as const, shape: [2], pieces: [Uint8Array.from([1, 2])] };
  const run = (limitMs = 5000) => runner.run({ inputs: [x], outputNames: ['y'] }, limitMs);
  return { runner, reasons, load, run };
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.close()));
});

describe('a runner that was taken over', () => {
  it('cannot take memory away under the gateway', async () => {
    const { load, run } = start('shrinks');
    await load();
    // Had it succeeded, this process would be gone.
    await expect(run()).resolves.toMatchObject({ outputs: [{ name: 'y', shape: [2] }] });
  });

  it.each(['garbage', 'shapes', 'texts'])('is ended when it answers with %s', async (deed) => {
    const { reasons, load, run } = start(deed);
    await load();
    await expect(run()).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    await expect.poll(() => reasons).toEqual(['signal SIGKILL']);
  });

  it('is ended when it rings for what it was not asked', async () => {
    const { reasons, load, run } = start('bells');
    await load();
    await expect(run()).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    expect(reasons).toEqual(['signal SIGKILL']);
  });

  it.each(['loads', 'profiles'])('is not taken into use when it %s nonsense', async (deed) => {
    const { load } = start(deed);
    await expect(load()).rejects.toMatchObject({ name: 'DomainError' });
  });

  it('is ended when it does not answer', async () => {
    const { reasons, load, run } = start('nothing');
    await load();
    await expect(run(50)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect.poll(() => reasons).toEqual([expect.stringContaining('took longer than its 50 ms')]);
  });

  it('is ended when it does not end the run itself within its grace', async () => {
    const { reasons, load, run } = start('nothing', 200);
    await load();
    const beganMs = performance.now();
    await expect(run(50)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(249);
    await expect.poll(() => reasons).toEqual([expect.stringContaining('took longer than its 50 ms')]);
  });
});

describe('runners that come and go', () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const mappings = () => readFileSync('/proc/self/maps', 'utf8').split('slipway-runner').length - 1;

  it('leave no file, and no memory, behind', async () => {
    const comeAndGo = async () => {
      const { runner, load, run } = start('garbage');
      await load();
      await expect(run()).rejects.toMatchObject({ code: 'RUNNER_LOST' });
      await runner.close();
    };
    await comeAndGo();
    const before = openFiles();
    for (let count = 0; count < 15; count += 1) await comeAndGo();
    await expect.poll(openFiles).toBeLessThanOrEqual(before);
    expect(mappings()).toBe(0);
  });
});
