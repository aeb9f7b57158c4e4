import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RunnerProcess } from './runner-process.ts';

const root = join(import.meta.dirname, '../../../..');
const models = join(root, 'test/models/digits');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][]; labels: number[] };
const program = {
  nodeArguments: ['--conditions=slipway-source', join(root, 'apps/runner/main.ts')],
  workingDirectory: mkdtempSync(join(tmpdir(), 'runner-')),
};

const running: RunnerProcess[] = [];
const start = (onLost: (reason: string) => void = () => {}) => {
  const runner = new RunnerProcess(program, onLost);
  running.push(runner);
  return runner;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.close()));
});

const pixels = (rows: number[][]) => ({
  name: 'pixels',
  datatype: 'FP32' as const,
  shape: [rows.length, 64],
  data: new Uint8Array(Float32Array.from(rows.flat()).buffer),
});
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('RunnerProcess', () => {
  it('answers many requests at once, each with its own result', async () => {
    const runner = start();
    await runner.load(join(models, 'digits-2.onnx'), 1);
    const rows = held.pixels.slice(0, 64);
    const answers = await Promise.all(rows.map((row) => runner.infer([pixels([row])], ['label'], 10_000)));
    const labels = answers.map(([label]) => Number(new BigInt64Array(Uint8Array.from(label!.data).buffer)[0]));
    const correct = labels.filter((label, index) => label === held.labels[index]).length;
    expect(correct).toBeGreaterThan(58);
  });

  it("passes on the runtime's errors, and goes on", async () => {
    const runner = start();
    await expect(runner.load(join(models, 'README.md'), 1)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await runner.load(join(models, 'digits-3.onnx'), 1);
    const dense = pixels([new Array<number>(64).fill(16)]);
    await expect(runner.infer([dense], ['label'], 10_000)).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    const blank = pixels([new Array<number>(64).fill(0)]);
    await expect(runner.infer([blank], ['label'], 10_000)).resolves.toHaveLength(1);
  });

  it('fails what is in flight when the process is killed, and says so once', async () => {
    const reasons: string[] = [];
    const runner = start((reason) => reasons.push(reason));
    await runner.load(join(models, 'digits-2.onnx'), 1);
    const request = runner.infer([pixels(Array.from({ length: 20 }, () => held.pixels).flat())], ['label'], 10_000);
    process.kill(runner.pid!, 'SIGKILL');
    await expect(request).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    expect(reasons).toEqual(['signal SIGKILL']);
  });

  it('ends a run that takes too long together with its process', async () => {
    const reasons: string[] = [];
    const runner = start((reason) => reasons.push(reason));
    await runner.load(join(models, 'digits-2.onnx'), 1);
    // 400,000 rows take far longer than a millisecond.
    const large = pixels(Array.from({ length: 800 }, () => held.pixels).flat());
    await expect(runner.infer([large], ['probabilities'], 1)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect.poll(() => reasons, { timeout: 5000 }).toEqual([expect.stringContaining('SIGKILL')]);
  });

  it('ends with the process that started it, killed or not', async () => {
    const source = `
      import { RunnerProcess } from ${JSON.stringify(join(import.meta.dirname, 'runner-process.ts'))};
      const runner = new RunnerProcess(${JSON.stringify(program)}, () => {});
      await runner.load(${JSON.stringify(join(models, 'digits-1.onnx'))}, 1);
      console.log(runner.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--conditions=slipway-source', '--input-type=module', '--eval', source], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it('leaves no process behind when it is closed', async () => {
    const runner = start();
    await runner.load(join(models, 'digits-1.onnx'), 1);
    const pid = runner.pid!;
    expect(isAlive(pid)).toBe(true);
    await runner.close();
    expect(isAlive(pid)).toBe(false);
  });
});
