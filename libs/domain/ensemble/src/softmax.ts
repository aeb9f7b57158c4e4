import type { Tensor } from '#domain/inference';
import type { SoftmaxStep } from './ensemble-spec.ts';
import { lanesOf } from './lanes.ts';
import { bytesOfNumbers, numbersOf } from './tensor-numbers.ts';
import { isFloat, placeOfAxis, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfSoftmax({ axis }: SoftmaxStep, input: TensorType): TensorType {
  requireDatatype(input, isFloat, 'floats', 'softmax.input');
  placeOfAxis(axis, input, 'softmax.axis');
  return input;
}

/** Probabilities along an axis. */
export function softmax({ axis }: SoftmaxStep, input: Tensor): Uint8Array {
  const { starts, stride, length } = lanesOf(input.shape, placeOfAxis(axis, input, 'softmax.axis'));
  const numbers = numbersOf(input);
  const result = new Float64Array(numbers.length);
  for (const start of starts) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < length; index += 1) largest = Math.max(largest, numbers[start + index * stride] ?? 0);
    let sum = 0;
    for (let index = 0; index < length; index += 1) {
      const at = start + index * stride;
      // The largest becomes exp(0): none can overflow.
      const weight = Math.exp((numbers[at] ?? 0) - largest);
      result[at] = weight;
      sum += weight;
    }
    for (let index = 0; index < length; index += 1) {
      const at = start + index * stride;
      result[at] = (result[at] ?? 0) / sum;
    }
  }
  return bytesOfNumbers(input.datatype, result);
}
