import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BenchModelName } from './bench-models.ts';

/** One input of a request, or one output of a reply. */
export interface BenchTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'INT32' | 'INT64';
  /** Rows first. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: readonly number[];
}

/** The request that a model is measured with, and the right answer to it. */
export interface Workload {
  readonly model: BenchModelName;
  readonly rows: number;
  readonly inputs: readonly BenchTensor[];
  readonly expected: readonly BenchTensor[];
}

const VOCABULARY = 2000;
/** Words of a text of the fixed length; other lengths are measured under `bucketing`. */
export const TEXT_LENGTH = 32;

/** The same numbers on every machine. */
export async function makeWorkload(directory: string, model: BenchModelName, rows: number): Promise<Workload> {
  const inputs = inputsOf(model, rows);
  const [expected = []] = await rightAnswers(directory, model, [inputs]);
  return { model, rows, inputs, expected };
}

/** The inputs of a text: numbers of its words, and a mask that leaves none out. */
export function textInputs(words: readonly number[], rows = 1): BenchTensor[] {
  const shape = [rows, words.length / rows];
  return [
    { name: 'input_ids', datatype: 'INT64', shape, data: words },
    { name: 'attention_mask', datatype: 'INT64', shape, data: words.map(() => 1) },
  ];
}

function inputsOf(model: BenchModelName, rows: number): BenchTensor[] {
  const floats = (...shape: number[]): BenchTensor[] => [
    { name: 'input', datatype: 'FP32', shape: [rows, ...shape], data: numbers(product([rows, ...shape]), pixel) },
  ];
  switch (model) {
    case 'simple':
      return ['INPUT0', 'INPUT1'].map((name, input) => ({
        name,
        datatype: 'INT32',
        shape: [rows, 16],
        data: numbers(rows * 16, (index) => (index * 7 + input) % 100),
      }));
    case 'mlp-4':
      return floats(4);
    case 'mlp-784':
      return floats(784);
    case 'resnet50':
      return floats(3, 224, 224);
    case 'bert-base':
      return textInputs(
        numbers(rows * TEXT_LENGTH, (index) => (index * 37) % VOCABULARY),
        rows,
      );
  }
}

/** Of a picture: 256 shades, as few digits as pictures scaled to 1 usually have. */
function pixel(index: number): number {
  return Math.round((((index * 89) % 256) / 255) * 1e6) / 1e6;
}

const numbers = (count: number, at: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => at(index));
const product = (sizes: readonly number[]) => sizes.reduce((left, right) => left * right, 1);

/** The outputs of a model for each of the requests, each run by itself. */
export async function rightAnswers(
  directory: string,
  model: BenchModelName,
  requests: readonly (readonly BenchTensor[])[],
): Promise<BenchTensor[][]> {
  const file = join(directory, `${model}.onnx`);
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const answers: BenchTensor[][] = [];
  for (const inputs of requests) {
    const outputs = await session.run(Object.fromEntries(inputs.map((input) => [input.name, toRuntimeTensor(input)])));
    answers.push(Object.entries(outputs).map(([name, output]) => fromRuntimeTensor(name, output)));
  }
  await session.release();
  return answers;
}

function fromRuntimeTensor(name: string, { type, dims, data }: Tensor): BenchTensor {
  const datatype = type === 'int32' ? 'INT32' : 'FP32';
  return { name, datatype, shape: dims, data: Array.from(data as Float32Array | Int32Array, Number) };
}

function toRuntimeTensor({ datatype, shape, data }: BenchTensor): Tensor {
  switch (datatype) {
    case 'FP32':
      return new Tensor('float32', Float32Array.from(data), shape);
    case 'INT32':
      return new Tensor('int32', Int32Array.from(data), shape);
    case 'INT64':
      return new Tensor('int64', BigInt64Array.from(data, BigInt), shape);
  }
}

/** Little-endian bytes of a tensor. */
export function bytesOf({ datatype, data }: BenchTensor): Buffer {
  switch (datatype) {
    case 'FP32':
      return Buffer.from(Float32Array.from(data).buffer);
    case 'INT32':
      return Buffer.from(Int32Array.from(data).buffer);
    case 'INT64':
      return Buffer.from(BigInt64Array.from(data, BigInt).buffer);
  }
}

/** The numbers in little-endian bytes of a tensor. */
export function numbersIn(bytes: Buffer, datatype: BenchTensor['datatype']): number[] {
  const size = datatype === 'INT64' ? 8 : 4;
  const at = (index: number) => {
    if (datatype === 'FP32') return bytes.readFloatLE(index * size);
    return datatype === 'INT32' ? bytes.readInt32LE(index * size) : Number(bytes.readBigInt64LE(index * size));
  };
  return numbers(bytes.length / size, at);
}
