import { assertNever } from '#domain/errors';
import { DATATYPE_SIZE_BYTES, type Tensor } from '#domain/inference';
import { packStrings, unpackStrings } from './byte-strings.ts';
import type { CombineStep } from './ensemble-spec.ts';
import { bytesOfNumbers, numbersOf } from './tensor-numbers.ts';
import {
  describeType,
  fits,
  isFloat,
  isInteger,
  joinTypes,
  misfit,
  placeOfAxis,
  requireDatatype,
  type TensorType,
} from './tensor-type.ts';

/** One of the answers that are combined. */
export interface WeightedAnswer {
  readonly tensor: Tensor;
  readonly weight: number;
}

/** @throws ENSEMBLE_INVALID */
export function typeOfCombine({ by }: CombineStep, inputs: readonly TensorType[]): TensorType {
  const [first, ...others] = inputs;
  if (first === undefined) throw misfit('combine.inputs', 'there is nothing to combine');
  const isLabel = (datatype: TensorType['datatype']) =>
    isInteger(datatype) || datatype === 'BOOL' || datatype === 'BYTES';
  if (by === 'vote') requireDatatype(first, isLabel, 'integers, BOOL or BYTES', 'combine.inputs[0]');
  else requireDatatype(first, isFloat, 'floats', 'combine.inputs[0]');
  if (by === 'confidence') placeOfAxis(-1, first, 'combine.inputs[0]');
  return others.reduce((joint, other, index) => {
    if (fits(other, joint)) return joinTypes(joint, other);
    throw misfit(
      `combine.inputs[${index + 1}]`,
      `${describeType(other)} cannot be combined with ${describeType(joint)}`,
    );
  }, first);
}

/** One answer from those that came. */
export function combine({ by }: CombineStep, answers: readonly WeightedAnswer[]): Uint8Array {
  switch (by) {
    case 'mean':
      return weightedMean(answers, () => 1);
    case 'confidence':
      return weightedMean(answers, largestOfRow);
    case 'vote':
      return vote(answers);
    default:
      return assertNever(by);
  }
}

/** @param factorOf what a row's numbers, from a place on, add to its weight. */
function weightedMean(
  answers: readonly WeightedAnswer[],
  factorOf: (numbers: ArrayLike<number>, start: number, length: number) => number,
): Uint8Array {
  const [first] = answers;
  if (first === undefined) return new Uint8Array(0);
  const length = first.tensor.shape.at(-1) ?? 1;
  const parts = answers.map(({ tensor, weight }) => ({ numbers: numbersOf(tensor), weight }));
  const result = new Float64Array(parts[0]?.numbers.length ?? 0);
  for (let start = 0; start < result.length; start += length) {
    const weights = parts.map(({ numbers, weight }) => weight * factorOf(numbers, start, length));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (let at = start; at < start + length; at += 1) {
      let total = 0;
      // Without any confidence all count alike.
      parts.forEach(({ numbers }, index) => {
        const share = sum === 0 ? 1 / parts.length : (weights[index] ?? 0) / sum;
        total += share * (numbers[at] ?? 0);
      });
      result[at] = total;
    }
  }
  return bytesOfNumbers(first.tensor.datatype, result);
}

function largestOfRow(numbers: ArrayLike<number>, start: number, length: number): number {
  let largest = 0;
  for (let at = start; at < start + length; at += 1) largest = Math.max(largest, numbers[at] ?? 0);
  return largest;
}

function vote(answers: readonly WeightedAnswer[]): Uint8Array {
  const columns = answers.map(({ tensor, weight }) => ({ elements: elementsOf(tensor), weight }));
  const [first] = columns;
  const winners = (first?.elements ?? []).map((_, at) => {
    const ballots = new Map<string, { readonly element: Uint8Array; weight: number }>();
    for (const { elements, weight } of columns) {
      const element = elements[at] ?? new Uint8Array(0);
      const key = element.join();
      const ballot = ballots.get(key);
      if (ballot === undefined) ballots.set(key, { element, weight });
      else ballot.weight += weight;
    }
    // In the order in which they were first said, so that of equal ones the first wins.
    return [...ballots.values()].reduce((best, ballot) => (ballot.weight > best.weight ? ballot : best)).element;
  });
  return answers[0]?.tensor.datatype === 'BYTES' ? packStrings(winners) : joined(winners);
}

function elementsOf({ datatype, data }: Tensor): Uint8Array[] {
  const size = DATATYPE_SIZE_BYTES[datatype];
  if (size === undefined) return unpackStrings(data);
  return Array.from({ length: data.byteLength / size }, (_, index) => data.subarray(index * size, (index + 1) * size));
}

function joined(elements: readonly Uint8Array[]): Uint8Array {
  const size = elements[0]?.byteLength ?? 0;
  const data = new Uint8Array(elements.length * size);
  for (const [index, element] of elements.entries()) data.set(element, index * size);
  return data;
}
