import type { Tensor } from '#domain/inference';
import type { CastStep } from './ensemble-spec.ts';
import { bytesOfIntegers64, bytesOfNumbers, integers64Of, numbersOf } from './tensor-numbers.ts';
import { misfit, requireDatatype, type TensorType } from './tensor-type.ts';

/** @throws ENSEMBLE_INVALID */
export function typeOfCast({ datatype }: CastStep, input: TensorType): TensorType {
  requireDatatype(input, (given) => given !== 'BYTES', 'numbers', 'cast.input');
  if (datatype === 'BYTES') throw misfit('cast.datatype', 'numbers cannot be cast to BYTES: use labels');
  return { datatype, shape: input.shape };
}

/** Another datatype for the same numbers; 64-bit integers stay exact among each other. */
export function cast({ datatype }: CastStep, input: Tensor): Uint8Array {
  const isLong = (name: string) => name === 'INT64' || name === 'UINT64';
  if (datatype === input.datatype) return input.data;
  if ((datatype === 'INT64' || datatype === 'UINT64') && isLong(input.datatype)) {
    return bytesOfIntegers64(datatype, integers64Of(input));
  }
  return bytesOfNumbers(datatype, numbersOf(input));
}
