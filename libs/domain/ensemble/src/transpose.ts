import { DATATYPE_SIZE_BYTES, type Tensor } from '#domain/inference';
import type { TransposeStep } from './ensemble-spec.ts';
import { describeType, misfit, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfTranspose({ axes }: TransposeStep, input: TensorType): TensorType {
  requireDatatype(input, (datatype) => datatype !== 'BYTES', 'numbers', 'transpose.input');
  if (axes.length !== input.shape.length) {
    throw misfit('transpose.axes', `${describeType(input)} has ${input.shape.length} axes, not ${axes.length}`);
  }
  return { datatype: input.datatype, shape: axes.map((axis) => input.shape[axis] ?? -1) };
}

/** The axes in another order. */
export function transpose({ axes }: TransposeStep, { shape, datatype, data }: Tensor): Uint8Array {
  const elementBytes = DATATYPE_SIZE_BYTES[datatype] ?? 1;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, elementBytes));
  const turned = axes.map((axis) => ({ size: shape[axis] ?? 1, stride: strides[axis] ?? 0 }));
  const result = new Uint8Array(data.byteLength);
  let written = 0;
  const copy = (depth: number, from: number): void => {
    const axis = turned[depth];
    if (axis === undefined) {
      for (let byte = 0; byte < elementBytes; byte += 1) result[written++] = data[from + byte] ?? 0;
      return;
    }
    for (let index = 0; index < axis.size; index += 1) copy(depth + 1, from + index * axis.stride);
  };
  copy(0, 0);
  return result;
}
