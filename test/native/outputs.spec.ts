import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, readRun, SharedMemory, writeAnswer, writeRun } from '#adapters/runner-client';
import { bundledLibrary } from '#adapters/runtime-native';
import type { ModelSignature, Tensor } from '#domain/inference';
import { openRuntime, Runner } from '../../apps/runner/runner.module.ts';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const writers = ['write_identity_models.py', 'write_fault_models.py'];
const folder = mkdtempSync(join(tmpdir(), 'native-outputs-'));
const memory = SharedMemory.create(1);
/** Two mappings of the same memory stand for the two processes. */
const [gateway, runner] = [memory.lane(0), SharedMemory.open(memory.fd).lane(0)];
const WIDTH = 50_000;

beforeAll(async () => {
  const python = await installInteropPython();
  for (const writer of writers) await runCommand(python, [join(import.meta.dirname, '../models', writer), folder]);
});
afterAll(() => {
  memory.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One run, the whole way there and back. @returns what the runner had in its hands, and what the gateway gets. */
async function cross(model: string, library: string | undefined, given: Tensor, outputName: string) {
  const spec = (name: string) => ({ name, datatype: given.datatype, shape: [-1, -1] });
  const signature: ModelSignature = { inputs: [spec('given')], outputs: [spec(outputName)] };
  const served = new Runner(await openRuntime(library, undefined));
  const modelPath = join(folder, `${model}.onnx`);
  await served.load({ modelPath, signature, provider: 'cpu', intraOpThreads: 1, maxThreads: 1 });
  const results: { written: readonly Tensor[]; isPlaced: boolean; answered: Tensor | undefined }[] = [];
  for (let run = 0; run < 2; run += 1) {
    const inputs = [{ ...given, pieces: [given.data] }];
    writeRun(gateway, signature, { inputs, outputNames: [outputName] }, 60_000);
    const received = readRun(runner, ['given'], [outputName]);
    const written = await served.run(received);
    const isPlaced = written.every(({ data }) => data.buffer === runner.bytes().buffer);
    writeAnswer(runner, written, 1, received.room);
    results.push({ written, isPlaced, answered: readAnswer(gateway, [outputName]).outputs[0] });
  }
  return results;
}

const row = (values: ArrayLike<number>): Tensor => {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { name: 'given', datatype: 'FP32', shape: [1, values.length], data };
};

describe('outputs on their way from the native runtime to the gateway', () => {
  const numbers = Array.from({ length: WIDTH }, (_, index) => index / 7);
  const native = bundledLibrary();

  it('are written into the lane by ONNX Runtime where the model tells their size, and not copied by the runner', async () => {
    for (const { isPlaced, answered } of await cross('identity-fp32', native, row(numbers), 'same')) {
      expect(isPlaced).toBe(true);
      expect(answered).toEqual({ ...row(numbers), name: 'same' });
    }
  });

  it('are copied there where it does not tell, and where they are strings', async () => {
    for (const { isPlaced, answered } of await cross('tile', native, row([1, 2, 3]), 'many')) {
      expect(isPlaced).toBe(false);
      expect(answered?.shape).toEqual([1, 3 * 4096]);
    }
    const text = { name: 'given', datatype: 'BYTES' as const, shape: [1, 1], data: Uint8Array.of(1, 0, 0, 0, 97) };
    for (const { isPlaced, answered } of await cross('identity-bytes', native, text, 'same')) {
      expect(isPlaced).toBe(false);
      expect(answered).toEqual({ ...text, name: 'same' });
    }
  });

  it('are what the model gives, when it gives others than it says', async () => {
    for (const { isPlaced, answered } of await cross('wider', native, row(numbers), 'same')) {
      expect(isPlaced).toBe(false);
      expect(answered).toEqual({ ...row([...numbers, ...numbers]), name: 'same' });
    }
  });

  it('are copied there by a runtime that cannot do better', async () => {
    for (const { isPlaced, answered } of await cross('identity-fp32', undefined, row(numbers), 'same')) {
      expect(isPlaced).toBe(false);
      expect(answered).toEqual({ ...row(numbers), name: 'same' });
    }
  });
});
