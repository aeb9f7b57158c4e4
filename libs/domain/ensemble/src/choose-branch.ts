import { assertNever, DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { unpackStrings } from './byte-strings.ts';
import type { Branch, Condition, SplitterStep, SwitchStep } from './ensemble-spec.ts';
import { numbersOf } from './tensor-numbers.ts';

/** A value to compare: of a request's parameter, or of a tensor with one element. */
export type Scalar = string | number | boolean | undefined;

/**
 * The branch of a splitter.
 *
 * @param random01 uniform in [0, 1).
 */
export function chooseByWeight({ branches }: SplitterStep, random01: number): Branch {
  const total = branches.reduce((sum, { weight }) => sum + weight, 0);
  let left = random01 * total;
  for (const branch of branches) {
    left -= branch.weight;
    if (left < 0) return branch;
  }
  const last = branches.findLast(({ weight }) => weight > 0) ?? branches.at(-1);
  if (last === undefined) throw new Error('a splitter has branches');
  return last;
}

/**
 * The branch of a switch.
 *
 * @throws INPUT_INVALID when no condition holds and there is no branch for that.
 */
export function chooseByCondition({ on, cases, otherwise }: SwitchStep, scalar: Scalar): Branch {
  const chosen = cases.find(({ condition }) => holds(condition, scalar)) ?? otherwise;
  if (chosen !== undefined) return chosen;
  const what = on.kind === 'parameter' ? `parameters.${on.name}` : `"${on.name}"`;
  const found = scalar === undefined ? 'is missing' : `is ${JSON.stringify(scalar).slice(0, 60)}`;
  const known = cases.map(({ condition: { kind, operand } }) => `${kind} ${JSON.stringify(operand)}`).join(', ');
  throw new DomainError('INPUT_INVALID', `${what} ${found}: there are branches for ${known}`, { field: what });
}

/**
 * The only element of a tensor; whole numbers beyond 2^53 lose digits.
 *
 * @throws TENSOR_INVALID when it has more or fewer.
 */
export function scalarOf(tensor: Tensor): Scalar {
  const elements = tensor.datatype === 'BYTES' ? unpackStrings(tensor.data) : numbersOf(tensor);
  const element = elements[0];
  if (elements.length !== 1 || element === undefined) {
    throw new DomainError(
      'TENSOR_INVALID',
      `"${tensor.name}" must have one element to be compared, not ${elements.length}`,
    );
  }
  if (typeof element !== 'number') return new TextDecoder().decode(element);
  return tensor.datatype === 'BOOL' ? element !== 0 : element;
}

function holds({ kind, operand }: Condition, scalar: Scalar): boolean {
  switch (kind) {
    case 'equals':
      return scalar === operand;
    case 'below':
      return typeof scalar === 'number' && scalar < operand;
    case 'atLeast':
      return typeof scalar === 'number' && scalar >= operand;
    default:
      return assertNever(kind);
  }
}
