import { DATATYPE_SIZE_BYTES, type Tensor } from '#domain/inference';
import type { ConcatStep } from './ensemble-spec.ts';
import { agree, describeType, misfit, placeOfAxis, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfConcat({ axis }: ConcatStep, inputs: readonly TensorType[]): TensorType {
  const [first, ...others] = inputs;
  if (first === undefined) throw misfit('concat.inputs', 'there is nothing to put together');
  requireDatatype(first, (datatype) => datatype !== 'BYTES', 'numbers', 'concat.inputs[0]');
  const place = placeOfAxis(axis, first, 'concat.axis');
  const shape = [...first.shape];
  others.forEach((other, index) => {
    const fits =
      other.datatype === first.datatype &&
      other.shape.length === first.shape.length &&
      other.shape.every((size, at) => at === place || agree(size, shape[at] ?? -1));
    if (!fits)
      throw misfit(`concat.inputs[${index + 1}]`, `${describeType(other)} does not go behind ${describeType(first)}`);
    other.shape.forEach((size, at) => {
      const before = shape[at] ?? -1;
      if (at !== place) shape[at] = before === -1 ? size : before;
      else shape[at] = before === -1 || size === -1 ? -1 : before + size;
    });
  });
  return { datatype: first.datatype, shape };
}

/** Tensors behind each other along an axis. */
export function concat({ axis }: ConcatStep, inputs: readonly Tensor[]): Uint8Array {
  const [first] = inputs;
  if (first === undefined) return new Uint8Array(0);
  const place = axis < 0 ? first.shape.length + axis : axis;
  const blocks = first.shape.slice(0, place).reduce((product, size) => product * size, 1);
  const elementBytes = DATATYPE_SIZE_BYTES[first.datatype] ?? 1;
  const blockBytes = inputs.map(({ shape }) =>
    shape.slice(place).reduce((product, size) => product * size, elementBytes),
  );
  const result = new Uint8Array(inputs.reduce((bytes, { data }) => bytes + data.byteLength, 0));
  let at = 0;
  for (let block = 0; block < blocks; block += 1) {
    inputs.forEach(({ data }, index) => {
      const size = blockBytes[index] ?? 0;
      result.set(data.subarray(block * size, (block + 1) * size), at);
      at += size;
    });
  }
  return result;
}
