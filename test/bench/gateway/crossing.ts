/**
 * What the crossing to a runner process costs, against the same model run in the measuring process itself: the floor that no
 * isolation can beat.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunnerProcess } from '#adapters/runner-client';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import type { Tensor } from '#domain/inference';
import { alternate, type BenchRow } from '../bench-row.ts';

const RUNS = 5;
const CALLS = 3000;
const root = join(import.meta.dirname, '../../..');
const models = join(root, 'test/models/digits');
const held = JSON.parse(readFileSync(join(models, 'heldout.json'), 'utf8')) as { pixels: number[][] };

export async function measureCrossing(): Promise<BenchRow[]> {
  const runner = new RunnerProcess(
    {
      nodeArguments: [join(root, 'dist/apps/runner/main.js')],
      workingDirectory: mkdtempSync(join(tmpdir(), 'bench-runner-')),
    },
    (reason) => {
      throw new Error(`the runner was lost: ${reason}`);
    },
  );
  try {
    const model = join(models, 'digits-2.onnx');
    await runner.load(model, 1);
    const session = await OnnxModelSession.load(model, 1);
    const rows: BenchRow[] = [];
    for (const inFlight of [1, 32]) {
      const { ours, against } = await alternate(
        RUNS,
        () => callsPerSecond(inFlight, (input) => runner.infer([input], ['label'], 10_000)),
        () => callsPerSecond(inFlight, (input) => session.run([input], ['label'])),
      );
      const goal = inFlight === 1 ? 0.1 : 0.3;
      rows.push({
        id: `crossing-${inFlight}/in-process`,
        unit: 'runs/s',
        ours,
        against,
        ratio: ours / against,
        goal,
        runs: RUNS,
      });
    }
    return rows;
  } finally {
    await runner.close();
  }
}

async function callsPerSecond(inFlight: number, call: (input: Tensor) => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < CALLS) {
      const input = inputOf(next);
      next += 1;
      await call(input);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return CALLS / ((performance.now() - startedMs) / 1000);
}

function inputOf(index: number): Tensor {
  const row = held.pixels[index % held.pixels.length] ?? [];
  return { name: 'pixels', datatype: 'FP32', shape: [1, 64], data: new Uint8Array(Float32Array.from(row).buffer) };
}
