import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FormatInspector } from '#adapters/model-format-onnx';
import { bundledLibrary, NativeModelSession } from '#adapters/runtime-native';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { isDomainError } from '#domain/errors';
import { DATATYPE_SIZE_BYTES, type ModelSignature, sampleInputs, type Tensor } from '#domain/inference';
import { type RuntimeSession, seededNumbers } from '#testing';
import { installBenchModels } from '../bench/gateway/bench-models.ts';
import { installInteropPython } from '../servers/python.ts';
import { runCommand } from '../servers/run-command.ts';

const RELATIVE_TOLERANCE = 1e-6;
const ROWS = 2;
const FREE_AXIS = 16;
/** Below which whole numbers of an input stay; of others 10. */
const BOUNDS: Readonly<Record<string, number>> = { input_ids: 2000, attention_mask: 2 };
const models = join(import.meta.dirname, '../models');
const folder = mkdtempSync(join(tmpdir(), 'same-numbers-'));
const digits = join(models, 'digits');
const held = JSON.parse(readFileSync(join(digits, 'heldout.json'), 'utf8')) as { pixels: number[][] };
let benchModels: string;

beforeAll(async () => {
  const python = await installInteropPython();
  await runCommand(python, [join(models, 'write_fault_models.py'), folder]);
  benchModels = await installBenchModels();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model in both runtimes, with one thread each, and its signature. */
async function open(path: string) {
  const { signature } = await new FormatInspector().inspect('onnx', createReadStream(path), statSync(path).size);
  const native = await NativeModelSession.load(path, 1, { libraryPath: bundledLibrary(), provider: 'cpu' });
  const other = await OnnxModelSession.load(path, 1);
  const release = async () => {
    await native.release();
    await other.release();
  };
  return { signature, native, other, release };
}

/** Inputs that are the same in every run: floats from -1 to 1, small whole numbers, truths. */
function madeUp(signature: ModelSignature, random: () => number): Tensor[] {
  const inputs = sampleInputs(signature, { rows: ROWS, freeAxis: FREE_AXIS, isZero: true });
  return inputs.map((input) => {
    const size = DATATYPE_SIZE_BYTES[input.datatype] ?? 1;
    const drawn = Array.from({ length: input.data.byteLength / size }, random);
    return { ...input, data: new Uint8Array(numbersOf(input, drawn).buffer) };
  });
}

/** @param drawn from 0 to below 1. */
function numbersOf({ name, datatype }: Tensor, drawn: readonly number[]) {
  const whole = (number: number) => Math.floor(number * (BOUNDS[name] ?? 10));
  if (datatype === 'FP32') return Float32Array.from(drawn, (number) => number * 2 - 1);
  if (datatype === 'INT32') return Int32Array.from(drawn, whole);
  if (datatype === 'INT64') return BigInt64Array.from(drawn, (number) => BigInt(whole(number)));
  if (datatype === 'BOOL') return Uint8Array.from(drawn, (number) => Math.round(number));
  throw new Error(`nothing is made up here for ${datatype}, which ${name} is of`);
}

/** What a session answers, or the code of what it fails with. */
async function outcome(session: RuntimeSession, inputs: readonly Tensor[], { outputs }: ModelSignature) {
  try {
    const names = outputs.map(({ name }) => name);
    const answers = await session.run(inputs, names);
    return answers.map((tensor) => ({ ...tensor, data: Uint8Array.from(tensor.data) }));
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
}

/** The largest difference of two answers' numbers, relative to them; expects all else to be the same. */
function largestDifference(ours: Awaited<ReturnType<typeof outcome>>, theirs: typeof ours): number {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    expect(ours).toEqual(theirs);
    return 0;
  }
  const described = ({ name, datatype, shape, data }: Tensor) => ({ name, datatype, shape, bytes: data.byteLength });
  expect(ours.map(described)).toEqual(theirs.map(described));
  return ours.reduce((largest, { datatype, data }, index) => {
    const other = theirs[index]?.data as Uint8Array;
    if (datatype !== 'FP32') {
      expect(Buffer.compare(data, other)).toBe(0);
      return largest;
    }
    const right = new Float32Array(other.buffer);
    return new Float32Array(data.buffer).reduce((most, left, at) => {
      const value = right[at] as number;
      return left === value ? most : Math.max(most, Math.abs(left - value) / Math.abs(value));
    }, largest);
  }, 0);
}

async function differenceOver(path: string, inputsOf: (signature: ModelSignature) => Iterable<readonly Tensor[]>) {
  const { signature, native, other, release } = await open(path);
  let largest = 0;
  for (const inputs of inputsOf(signature)) {
    const [ours, theirs] = [await outcome(native, inputs, signature), await outcome(other, inputs, signature)];
    largest = Math.max(largest, largestDifference(ours, theirs));
  }
  await release();
  return largest;
}

describe('the native runtime computes what onnxruntime-node computes, to 1e-6 of each number', () => {
  it.each([1, 2, 3])('in digits-%s, for each held-out digit, also for those that it fails on', async (version) => {
    const rows = function* () {
      for (const row of held.pixels)
        yield [
          {
            name: 'pixels',
            datatype: 'FP32' as const,
            shape: [1, 64],
            data: new Uint8Array(Float32Array.from(row).buffer),
          },
        ];
    };
    expect(await differenceOver(join(digits, `digits-${version}.onnx`), rows)).toBeLessThanOrEqual(RELATIVE_TOLERANCE);
  });

  it.each([
    ['that clients and faults are tested with', () => folder, 5],
    // ResNet-50 and BERT-base among them.
    ['of the benchmarks', () => benchModels, 5],
    ['with a state', () => join(models, 'accumulator'), 1],
  ])('in the models %s', async (_, place, least) => {
    // One of them never ends.
    const files = readdirSync(place()).filter((file) => file.endsWith('.onnx') && file !== 'endless.onnx');
    expect(files.length).toBeGreaterThanOrEqual(least);
    for (const file of files) {
      const random = seededNumbers(20);
      const made = (signature: ModelSignature) => [madeUp(signature, random), madeUp(signature, random)];
      expect(await differenceOver(join(place(), file), made), file).toBeLessThanOrEqual(RELATIVE_TOLERANCE);
    }
  });
});
