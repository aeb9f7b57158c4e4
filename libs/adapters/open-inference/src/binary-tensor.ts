import { DomainError, shown } from '#domain/errors';
import {
  DATATYPE_SIZE_BYTES,
  type ModelSignature,
  type Tensor,
  type TensorSpec,
  validateByteLength,
} from '#domain/inference';
import { type JsonInput, readDescription } from './json-tensor.ts';

/** The binary data behind a request's JSON: the tensors' bytes, in the order in which the JSON names them. */
export interface BinaryTail {
  readonly bytes: Buffer;
  /** How many of them belong to tensors already. */
  taken: number;
}

/**
 * Takes a tensor's bytes from the binary data, as a view.
 *
 * @param size the tensor's `binary_data_size`.
 * @throws TENSOR_INVALID when there are fewer bytes, or they are not what the shape needs.
 */
export function decodeBinaryTensor(input: JsonInput, size: unknown, tail: BinaryTail, field: string): Tensor {
  const description = readDescription(input, field);
  const place = `${field}.parameters.binary_data_size`;
  if (input.data !== undefined) throw invalid(place, 'stands beside data: give one of them');
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw invalid(place, `must be a number of bytes, not ${shown(size)}`);
  const end = tail.taken + (size as number);
  if (end > tail.bytes.byteLength) {
    throw invalid(place, `is ${size}, but only ${tail.bytes.byteLength - tail.taken} bytes of binary data are left`);
  }
  const tensor = { ...description, data: tail.bytes.subarray(tail.taken, end) };
  tail.taken = end;
  validateByteLength(tensor, place);
  return tensor;
}

/**
 * A body that is nothing but the bytes of a model's only input. One axis may be open and follows from the number of bytes; of two open
 * axes the first is a batch of one. BYTES make one element.
 *
 * @throws TENSOR_INVALID when the model needs a description of its inputs.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md#raw-binary-request
 */
export function decodeRawInput({ inputs }: ModelSignature, body: Buffer): Tensor {
  const [spec, ...others] = inputs;
  if (spec === undefined || others.length > 0) {
    throw invalid(
      'body',
      `the model has ${inputs.length} inputs, and bytes alone do not tell them apart: describe them`,
    );
  }
  const { name, datatype } = spec;
  if (datatype === 'BYTES') return { name, datatype, shape: shapeOfOne(spec), data: lengthPrefixed(body) };
  const tensor = { name, datatype, shape: shapeFor(spec, body.byteLength), data: body };
  validateByteLength(tensor, 'body');
  return tensor;
}

function shapeOfOne({ name, shape }: TensorSpec): number[] {
  const sizes = shape.map((size) => (size === -1 ? 1 : size));
  if (sizes.every((size) => size === 1)) return sizes;
  throw invalid('body', `input "${name}" of shape [${shape.join(',')}] is more than one element: describe it`);
}

function shapeFor({ name, datatype, shape }: TensorSpec, byteLength: number): number[] {
  const open = shape.flatMap((size, axis) => (size === -1 ? [axis] : []));
  const isBatch = open.length === 2 && open[0] === 0;
  const [axis] = isBatch ? open.slice(1) : open;
  if (open.length > 1 && !isBatch) {
    throw invalid('body', `input "${name}" of shape [${shape.join(',')}] has several open axes: describe it`);
  }
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const elements = byteLength / (DATATYPE_SIZE_BYTES[datatype] ?? 1);
  return shape.map((size, at) => (at === axis ? Math.floor(elements / Math.max(1, known)) : size === -1 ? 1 : size));
}

function lengthPrefixed(bytes: Buffer): Uint8Array {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(bytes.byteLength);
  return Buffer.concat([prefix, bytes]);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('TENSOR_INVALID', `${field}: ${problem}`, { field });
}
