import { DomainError, shown } from '#domain/errors';
import { DATATYPE_SIZE_BYTES } from './datatype.ts';
import type { ModelSignature, Tensor, TensorSpec } from './tensor.ts';

/** Beside an axis of size 0 another could be of any size; runtimes count in 32 bits. */
const MAX_AXIS_SIZE = 2 ** 31 - 1;
const MAX_SHOWN_AXES = 16;

/**
 * Checks a request's inputs against a model's signature: every input once, with its datatype, rank and fixed axes.
 *
 * @throws TENSOR_INVALID naming the tensor, the field, what was wanted and what came.
 */
export function validateInputs(signature: ModelSignature, inputs: readonly Tensor[]): void {
  inputs.forEach((tensor, index) => {
    const spec = signature.inputs.find((candidate) => candidate.name === tensor.name);
    if (spec === undefined) {
      const known = signature.inputs.map((candidate) => candidate.name).join(', ');
      throw invalid(`inputs[${index}].name`, `the model has no input ${shown(tensor.name)}: it has ${known}`);
    }
    if (inputs.findIndex((other) => other.name === tensor.name) !== index) {
      throw invalid(`inputs[${index}].name`, `input ${shown(tensor.name)} is given twice`);
    }
    validateInput(spec, tensor, `inputs[${index}]`);
  });
  if (inputs.length === signature.inputs.length) return;
  const missing = signature.inputs.filter((spec) => inputs.every((tensor) => tensor.name !== spec.name));
  throw invalid('inputs', `input "${missing[0]?.name}" is missing`);
}

/**
 * Checks the outputs that a request asks for; none means all.
 *
 * @returns the names to compute, in the order asked for.
 * @throws TENSOR_INVALID for a name that the model does not have.
 */
export function validateOutputNames(signature: ModelSignature, wanted: readonly string[]): readonly string[] {
  const known = signature.outputs.map((spec) => spec.name);
  if (wanted.length === 0) return known;
  wanted.forEach((name, index) => {
    if (known.includes(name)) return;
    throw invalid(`outputs[${index}].name`, `the model has no output ${shown(name)}: it has ${known.join(', ')}`);
  });
  return wanted;
}

/**
 * Checks an answer against what its version's signature promises: the outputs that were asked for, each with its datatype, rank and
 * fixed axes.
 *
 * @param wanted names in the order in which the outputs were asked for.
 * @throws MODEL_RUN_FAILED naming the output, what was promised and what came.
 */
export function validateOutputs(
  { outputs: specs }: ModelSignature,
  wanted: readonly string[],
  outputs: readonly Tensor[],
): void {
  if (outputs.length !== wanted.length) throw misfit(`${outputs.length} outputs came for ${wanted.length}`);
  outputs.forEach((tensor, index) => {
    const spec = specs.find(({ name }) => name === wanted[index]);
    if (spec === undefined || tensor.name !== spec.name)
      throw misfit(`output ${index} is ${shown(tensor.name)} and not ${shown(wanted[index])}`);
    if (tensor.datatype !== spec.datatype)
      throw misfit(`output "${spec.name}" is ${tensor.datatype} and not ${spec.datatype}`);
    if (!fitsShape(spec, tensor))
      throw misfit(`output "${spec.name}" has shape ${shownShape(tensor.shape)} and not ${shownShape(spec.shape)}`);
  });
}

function misfit(problem: string): DomainError {
  return new DomainError('MODEL_RUN_FAILED', `the answer does not fit the version's signature: ${problem}`);
}

function validateInput(spec: TensorSpec, tensor: Tensor, field: string): void {
  const name = `input "${tensor.name}"`;
  if (tensor.datatype !== spec.datatype) {
    throw invalid(`${field}.datatype`, `${name} must be ${spec.datatype}, not ${tensor.datatype}`);
  }
  if (!fitsShape(spec, tensor)) {
    throw invalid(
      `${field}.shape`,
      `${name} must have shape ${shownShape(spec.shape)} (-1: any size), not ${shownShape(tensor.shape)}`,
    );
  }
}

function fitsShape(spec: TensorSpec, { shape }: Tensor): boolean {
  return shape.length === spec.shape.length && spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
}

/**
 * The number of elements of a shape.
 *
 * @throws TENSOR_INVALID when an axis is no whole number from 0 to 2^31 - 1, or the product leaves the exact integers. Call it before
 *   anything is allocated by a size from outside.
 */
export function elementCount(shape: readonly number[], field: string): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw invalid(field, `axis sizes must be whole numbers from 0 on, not ${shown(size)}`);
    if (size > MAX_AXIS_SIZE) throw invalid(field, `axis sizes must be at most ${MAX_AXIS_SIZE}, not ${size}`);
    count *= size;
    if (!Number.isSafeInteger(count)) throw invalid(field, `${shownShape(shape)} has too many elements`);
  }
  return count;
}

/**
 * Checks that bytes hold exactly the elements of a shape.
 *
 * @throws TENSOR_INVALID
 */
export function validateByteLength(tensor: Tensor, field: string): void {
  const count = elementCount(tensor.shape, `${field}.shape`);
  const elementBytes = DATATYPE_SIZE_BYTES[tensor.datatype];
  const found =
    elementBytes === undefined ? countByteElements(tensor.data, field) : tensor.data.byteLength / elementBytes;
  if (found === count) return;
  throw invalid(
    field,
    `input ${shown(tensor.name)} of shape ${shownShape(tensor.shape)} needs ${count} elements, got ${found}`,
  );
}

/** Elements of BYTES data: a little-endian uint32 length, then that many bytes, again and again. */
function countByteElements(data: Uint8Array, field: string): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let count = 0;
  let at = 0;
  while (at < data.byteLength) {
    const end = at + 4 > data.byteLength ? Number.POSITIVE_INFINITY : at + 4 + view.getUint32(at, true);
    if (end > data.byteLength) throw invalid(field, `BYTES element ${count} ends beyond the data`);
    at = end;
    count += 1;
  }
  return count;
}

/** A shape for an error message; one from outside may have any number of axes, and anything in them. */
export function shownShape(shape: readonly unknown[]): string {
  const axes = shape.slice(0, MAX_SHOWN_AXES).map(shown);
  return `[${axes.join(',')}${shape.length > MAX_SHOWN_AXES ? ',…' : ''}]`;
}

function invalid(field: string, message: string): DomainError {
  return new DomainError('TENSOR_INVALID', `${field}: ${message}`, { field });
}
