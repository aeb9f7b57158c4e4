/**
 * What the crossing to a runner process costs: the time of a run there, less the time of the same run in the measuring process itself.
 * One at a time, and 32 in flight through the scheduler that puts them together, against 32 rows in one run.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunnerProcess } from '#adapters/runner-client';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { BatchScheduler } from '#application/serving';
import { DEFAULT_SERVING_OPTIONS, type Tensor } from '#domain/inference';
import { type BenchRow, median } from '../bench-row.ts';

const RUNS = 5;
/** Both processes compile what they run often: that takes some ten thousand runs. */
const WARM_UP_ROUNDS = 4;
const CALLS = 5000;
const ALONE_GOAL_US = 30;
const TOGETHER_GOAL_US = 3;
const TOGETHER = 32;
const root = join(import.meta.dirname, '../../..');
const models = join(root, 'test/models/digits');
const modelPath = join(models, 'digits-2.onnx');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][] };
const signature = {
  inputs: [{ name: 'pixels', datatype: 'FP32' as const, shape: [-1, 64] }],
  outputs: [{ name: 'label', datatype: 'INT64' as const, shape: [-1] }],
};
const outputNames = ['label'];
const LIMIT_MS = 10_000;

export async function measureCrossing(): Promise<BenchRow[]> {
  const program = {
    nodeArguments: [join(root, 'dist/apps/runner/main.js')],
    workingDirectory: mkdtempSync(join(tmpdir(), 'bench-runner-')),
  };
  const runner = new RunnerProcess(program, (reason) => {
    throw new Error(`the runner was lost: ${reason}`);
  });
  try {
    await runner.load({ modelPath, signature, provider: 'cpu', intraOpThreads: 1, maxThreads: 1 });
    const session = await OnnxModelSession.load(modelPath, 1);
    const runThere = (input: Tensor) =>
      runner.run({ inputs: [{ ...input, pieces: [input.data] }], outputNames }, LIMIT_MS);
    const runHere = (input: Tensor) => session.run([input], outputNames);
    const scheduler = schedulerOver(runner);
    const runTogether = (input: Tensor) => scheduler.run(callOf(input));
    return [
      await crossing('crossing-1/30us', ALONE_GOAL_US, [1, runThere, 1], [1, runHere, 1]),
      await crossing('crossing-32/3us', TOGETHER_GOAL_US, [TOGETHER, runTogether, 1], [1, runHere, TOGETHER]),
    ];
  } finally {
    await runner.close();
  }
}

type Way = readonly [inFlight: number, run: (input: Tensor) => Promise<unknown>, rowsPerRun: number];

/** The difference in microseconds a row, by the median of alternating rounds. */
async function crossing(id: string, goalUs: number, there: Way, here: Way): Promise<BenchRow> {
  const costs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + RUNS; round += 1) {
    const cost = (await microsecondsPerRow(...there)) - (await microsecondsPerRow(...here));
    if (round >= WARM_UP_ROUNDS) costs.push(cost);
  }
  const ours = median(costs);
  return { id, unit: 'µs', ours, against: goalUs, ratio: goalUs / ours, goal: 1, runs: RUNS };
}

/** One at a time: the median of the calls. Of several at once: the time of all of them, shared out. */
async function microsecondsPerRow(inFlight: number, run: Way[1], rowsPerRun: number): Promise<number> {
  const inputs = Array.from({ length: Math.ceil(CALLS / rowsPerRun) }, (_, index) => inputOf(index, rowsPerRun));
  const startedMs = performance.now();
  const took: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let input = inputs[next]; input !== undefined; input = inputs[next]) {
      next += 1;
      const askedMs = performance.now();
      await run(input);
      took.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const eachMs = inFlight === 1 ? median(took) : (performance.now() - startedMs) / took.length;
  return (eachMs * 1000) / rowsPerRun;
}

function schedulerOver(runner: RunnerProcess): BatchScheduler {
  const scheduler = new BatchScheduler(
    signature,
    { batching: DEFAULT_SERVING_OPTIONS.batching, deadlineMs: LIMIT_MS, maxConcurrency: 256 },
    {
      monotonicMs: () => performance.now(),
      after: (delayMs, task) => {
        const timer = setTimeout(task, delayMs).unref();
        return () => clearTimeout(timer);
      },
      soon: queueMicrotask,
      observeRun: () => {},
      onIdle: () => {},
    },
  );
  scheduler.add(runner);
  return scheduler;
}

function callOf(input: Tensor) {
  const deadlineAtMs = performance.now() + LIMIT_MS;
  return { inputs: [input], outputNames, deadlineAtMs, priority: 0, sequence: undefined, isRetriedOnLoss: true };
}

function inputOf(index: number, rows: number): Tensor {
  const pixels = Array.from({ length: rows }, (_, row) => held.pixels[(index + row) % held.pixels.length] ?? []).flat();
  return {
    name: 'pixels',
    datatype: 'FP32',
    shape: [rows, 64],
    data: new Uint8Array(Float32Array.from(pixels).buffer),
  };
}
