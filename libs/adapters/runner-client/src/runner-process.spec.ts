import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

const signature = {
  inputs: [{ name: 'pixels', datatype: 'FP32' as const, shape: [-1, 64] }],
  outputs: [
    { name: 'label', datatype: 'INT64' as const, shape: [-1] },
    { name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 10] },
  ],
};
const load = (runner: RunnerProcess, file: string, intraOpThreads: number | undefined = 1) =>
  runner.load({ modelPath: join(models, file), signature, provider: 'cpu', intraOpThreads, maxThreads: 2 });
const run = (runner: RunnerProcess, rows: number[][], outputNames = ['label'], limitMs = 10_000) => {
  const pieces = rows.map((row) => new Uint8Array(Float32Array.from(row).buffer));
  const pixels = { name: 'pixels', datatype: 'FP32' as const, shape: [rows.length, 64], pieces };
  return runner.run({ inputs: [pixels], outputNames }, limitMs);
};
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
    await load(runner, 'digits-2.onnx');
    const rows = held.pixels.slice(0, runner.freeRuns);
    expect(rows.length).toBeGreaterThan(8);
    const answers = await Promise.all(rows.map((row) => run(runner, [row])));
    const labels = answers.map(({ outputs: [label] }) => Number(new BigInt64Array(label!.data.buffer)[0]));
    const together = await run(runner, rows);
    expect([...new BigInt64Array(together.outputs[0]!.data.buffer)].map(Number)).toEqual(labels);
    const correct = labels.filter((label, index) => label === held.labels[index]).length;
    expect(correct).toBeGreaterThan(rows.length * 0.8);
  });

  it('finds out while loading how the model behaves', async () => {
    const runner = start();
    await load(runner, 'digits-2.onnx', undefined);
    expect(runner.profile).toEqual({ intraOpThreads: 1, runMs: expect.any(Number), isRowIndependent: true });
    expect(runner.profile.runMs).toBeGreaterThan(0);
  });

  it('tells nobody of what it does: the runtime has neither a file nor a connection for telemetry', async () => {
    const runner = start();
    await load(runner, 'digits-2.onnx');
    await run(runner, held.pixels.slice(0, 1));
    const folder = `/proc/${runner.pid}/fd`;
    const open = readdirSync(folder).map((name) => readlinkSync(join(folder, name)));
    expect(open.filter((target) => /mat-debug|onnxruntime\.db/.test(target))).toEqual([]);
    const environment = readFileSync(`/proc/${runner.pid}/environ`, 'utf8').split('\0');
    expect(environment).toContain('ORT_DISABLE_TELEMETRY=1');
  });

  it("passes on the runtime's errors, and goes on", async () => {
    const runner = start();
    await expect(load(runner, 'README.md')).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
    await load(runner, 'digits-3.onnx');
    await expect(run(runner, [new Array<number>(64).fill(16)])).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    await expect(run(runner, [new Array<number>(64).fill(0)])).resolves.toMatchObject({ outputs: [{ shape: [1] }] });
  });

  it('fails what is in flight when the process is killed, and says so once', async () => {
    const reasons: string[] = [];
    const runner = start((reason) => reasons.push(reason));
    await load(runner, 'digits-2.onnx');
    const request = run(runner, Array.from({ length: 20 }, () => held.pixels).flat());
    process.kill(runner.pid!, 'SIGKILL');
    await expect(request).rejects.toMatchObject({ code: 'RUNNER_LOST' });
    expect(reasons).toEqual(['signal SIGKILL']);
  });

  it('ends a run that takes too long together with its process', async () => {
    const reasons: string[] = [];
    const runner = start((reason) => reasons.push(reason));
    await load(runner, 'digits-2.onnx');
    // 400,000 rows take far longer than a millisecond.
    const large = Array.from({ length: 800 }, () => held.pixels).flat();
    await expect(run(runner, large, ['probabilities'], 1)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await expect.poll(() => reasons, { timeout: 5000 }).toEqual([expect.stringContaining('SIGKILL')]);
  });

  it('ends with the process that started it, killed or not', async () => {
    const source = `
      import { RunnerProcess } from ${JSON.stringify(join(import.meta.dirname, 'runner-process.ts'))};
      const runner = new RunnerProcess(${JSON.stringify(program)}, () => {});
      await runner.load(${JSON.stringify({ modelPath: join(models, 'digits-1.onnx'), signature, provider: 'cpu', maxThreads: 1 })});
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
    await load(runner, 'digits-1.onnx');
    const pid = runner.pid!;
    expect(isAlive(pid)).toBe(true);
    await runner.close();
    expect(isAlive(pid)).toBe(false);
  });
});
