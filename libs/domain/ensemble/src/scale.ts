import type { Tensor } from '#domain/inference';
import type { ScaleStep } from './ensemble-spec.ts';
import { bytesOfNumbers, numbersOf } from './tensor-numbers.ts';
import { agree, isFloat, misfit, placeOfAxis, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfScale({ mean, std, axis }: ScaleStep, input: TensorType): TensorType {
  requireDatatype(input, (datatype) => datatype !== 'BYTES' && datatype !== 'BOOL', 'numbers', 'scale.input');
  const count = Math.max(mean.length, std.length);
  if (axis !== undefined && count > 1) {
    const size = input.shape[placeOfAxis(axis, input, 'scale.axis')] ?? -1;
    if (!agree(size, count))
      throw misfit('scale.axis', `axis ${axis} has ${size} indices, not one for each of ${count} numbers`);
  }
  return { datatype: isFloat(input.datatype) ? input.datatype : 'FP32', shape: input.shape };
}

/** (x - mean) / std. */
export function scale({ mean, std, axis }: ScaleStep, input: Tensor): Uint8Array {
  const place = axis === undefined ? input.shape.length : axis < 0 ? input.shape.length + axis : axis;
  const inner = input.shape.slice(place + 1).reduce((product, size) => product * size, 1);
  const size = input.shape[place] ?? 1;
  const numberAt = (numbers: readonly number[], index: number) =>
    numbers[numbers.length === 1 ? 0 : Math.floor(index / inner) % size] ?? Number.NaN;
  const numbers = numbersOf(input);
  const scaled = Float64Array.from(numbers, (value, index) => (value - numberAt(mean, index)) / numberAt(std, index));
  return bytesOfNumbers(isFloat(input.datatype) ? input.datatype : 'FP32', scaled);
}
