import { labelsOf, numbersOf, type Tensor } from '#domain/inference';
import type { AgreementWatch } from '#domain/traffic';

/** Values of one output that are compared, the first ones. */
const MAX_VALUES = 4096;

/**
 * Compares a candidate's answer with stable's.
 *
 * @returns names of the watched outputs that differ; `undefined` when stable's answer has none of those.
 */
export function disagreements(
  watched: readonly AgreementWatch[],
  stable: readonly Tensor[],
  candidate: readonly Tensor[],
): readonly string[] | undefined {
  const compared = watched.flatMap(({ output, tolerance }) => {
    const expected = stable.find(({ name }) => name === output);
    if (expected === undefined) return [];
    const found = candidate.find(({ name }) => name === output);
    return [{ output, isAgreed: found !== undefined && agree(expected, found, tolerance) }];
  });
  if (compared.length === 0) return undefined;
  return compared.filter(({ isAgreed }) => !isAgreed).map(({ output }) => output);
}

/** Whether two outputs say the same: equal labels, or numbers whose difference is within a share of the larger one. */
export function agree(left: Tensor, right: Tensor, tolerance: number): boolean {
  const [labels, others] = [labelsOf(left, MAX_VALUES), labelsOf(right, MAX_VALUES)];
  if (labels !== undefined && others !== undefined) {
    return labels.length === others.length && labels.every((label, index) => label === others[index]);
  }
  const [numbers, otherNumbers] = [numbersOf(left, MAX_VALUES), numbersOf(right, MAX_VALUES)];
  if (numbers.length !== otherNumbers.length) return false;
  return numbers.every((number, index) => isNear(number, otherNumbers[index] as number, tolerance));
}

function isNear(left: number, right: number, tolerance: number): boolean {
  // NaN and infinities have no distance.
  if (Object.is(left, right) || left === right) return true;
  return (
    Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right)) && Number.isFinite(left - right)
  );
}
