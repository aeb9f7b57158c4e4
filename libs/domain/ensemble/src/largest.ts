import type { Tensor } from '#domain/inference';
import type { ArgmaxStep, TopKStep } from './ensemble-spec.ts';
import { lanesOf } from './lanes.ts';
import { bytesOfNumbers, type Numbers, numbersOf } from './tensor-numbers.ts';
import { misfit, placeOfAxis, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfArgmax({ axis }: ArgmaxStep, input: TensorType): TensorType {
  requireDatatype(input, (datatype) => datatype !== 'BYTES', 'numbers', 'argmax.input');
  const place = placeOfAxis(axis, input, 'argmax.axis');
  if (input.shape[place] === 0) throw misfit('argmax.axis', `axis ${axis} has no elements`);
  return { datatype: 'INT64', shape: input.shape.filter((_, index) => index !== place) };
}

/** Index of the largest element along an axis. */
export function argmax({ axis }: ArgmaxStep, input: Tensor): Uint8Array {
  const { starts, stride, length } = lanesOf(input.shape, placeOfAxis(axis, input, 'argmax.axis'));
  const numbers = numbersOf(input);
  const indices = starts.map((start) => largestIn(numbers, { start, stride, length, count: 1 })[0] ?? 0);
  return bytesOfNumbers('INT64', indices);
}

/** Values first, then indices, as far as they are wanted. @throws ENSEMBLE_INVALID */
export function typesOfTopK({ k, values, indices }: TopKStep, input: TensorType): TensorType[] {
  requireDatatype(input, (datatype) => datatype !== 'BYTES', 'numbers', 'topK.input');
  const size = input.shape[placeOfAxis(-1, input, 'topK.input')] ?? -1;
  if (size !== -1 && size < k) throw misfit('topK.k', `the last axis has ${size} elements, fewer than ${k}`);
  const shape = [...input.shape.slice(0, -1), k];
  return [
    ...(values === undefined ? [] : [{ datatype: input.datatype, shape }]),
    ...(indices === undefined ? [] : [{ datatype: 'INT64' as const, shape }]),
  ];
}

/** The largest elements along the last axis; values first, then indices, as far as they are wanted. */
export function topK({ k, values, indices }: TopKStep, input: Tensor): Uint8Array[] {
  const { starts, stride, length } = lanesOf(input.shape, input.shape.length - 1);
  const numbers = numbersOf(input);
  const lanes = starts.map((start) => ({ start, found: largestIn(numbers, { start, stride, length, count: k }) }));
  const chosen = lanes.flatMap(({ start, found }) => found.map((index) => numbers[start + index] ?? 0));
  const places = lanes.flatMap(({ found }) => found);
  return [
    ...(values === undefined ? [] : [bytesOfNumbers(input.datatype, chosen)]),
    ...(indices === undefined ? [] : [bytesOfNumbers('INT64', places)]),
  ];
}

/** Indices of the largest elements of a lane, falling; of equal ones the first. NaN is smaller than everything. */
function largestIn(
  numbers: Numbers,
  lane: { readonly start: number; readonly stride: number; readonly length: number; readonly count: number },
): number[] {
  const { start, stride, length, count } = lane;
  const best: number[] = [];
  const valueAt = (index: number) => {
    const value = numbers[start + index * stride] ?? Number.NaN;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  for (let index = 0; index < length; index += 1) {
    const value = valueAt(index);
    let place = best.length;
    while (place > 0 && valueAt(best[place - 1] ?? 0) < value) place -= 1;
    if (place >= count) continue;
    best.splice(place, 0, index);
    best.length = Math.min(best.length, count);
  }
  return best;
}
