import type { StoredFile } from './stored-model.ts';

type Field = readonly [number: number, value: number | string | Uint8Array];

/** A Protocol Buffers message: a number is a varint, text and bytes are length-delimited. */
export function message(...fields: readonly Field[]): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [Uint8Array.from([...varint(number * 8), ...varint(value)])];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes];
    }),
  );
}

const FLOAT = 1;
const EXTERNAL = 1;
const SIZE = 4;

/**
 * An ONNX model `y = x + w` with `w` in a file of its own.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the fields
 */
export function externalModel(weights: readonly number[]): readonly [StoredFile, StoredFile] {
  const shape = message([1, message([1, SIZE])]);
  const valueInfo = (name: string) => message([1, name], [2, message([1, message([1, FLOAT], [2, shape])])]);
  const location = message([1, 'location'], [2, 'weights.bin']);
  const tensor = message([1, SIZE], [2, FLOAT], [8, 'w'], [13, location], [14, EXTERNAL]);
  const node = message([1, 'x'], [1, 'w'], [2, 'y'], [3, 'add'], [4, 'Add']);
  const graph = message([1, node], [2, 'sum'], [5, tensor], [11, valueInfo('x')], [12, valueInfo('y')]);
  const model = message([1, 8], [8, message([1, ''], [2, 17])], [7, graph]);
  return [
    { path: 'model.onnx', bytes: model },
    { path: 'weights.bin', bytes: new Uint8Array(Float32Array.from(weights).buffer) },
  ];
}

/** A request for it. */
export const EXTERNAL_BODY = JSON.stringify({
  inputs: [{ name: 'x', shape: [SIZE], datatype: 'FP32', data: [0, 0, 0, 0] }],
});
