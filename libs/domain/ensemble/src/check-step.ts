import type { EnsembleProblem } from './ensemble-problem.ts';
import type { Branch, CombineStep, EnsembleStep, ScaleStep, SwitchStep } from './ensemble-spec.ts';
import { branchesOf } from './step-edges.ts';

/** What the fields of one step say against each other; paths relative to the step. What a JSON Schema can say is not repeated. */
export function checkStep(step: EnsembleStep): EnsembleProblem[] {
  switch (step.kind) {
    case 'scale':
      return checkScale(step);
    case 'reshape': {
      const free = step.shape.filter((size) => size === -1).length;
      return free > 1 ? [{ path: 'reshape.shape', message: 'only one axis can take what is left (-1)' }] : [];
    }
    case 'transpose': {
      const isOrder = step.axes.toSorted((left, right) => left - right).every((axis, place) => axis === place);
      return isOrder ? [] : [{ path: 'transpose.axes', message: 'must name each axis from 0 on once' }];
    }
    case 'topK':
      return step.values === undefined && step.indices === undefined
        ? [{ path: 'topK', message: 'must give values, indices or both' }]
        : [];
    case 'combine':
      return checkCombine(step);
    case 'splitter':
      return checkBranches(branchesOf(step));
    case 'switch':
      return [...checkSwitch(step), ...checkBranches(branchesOf(step))];
    default:
      return [];
  }
}

function checkScale({ mean, std, axis }: ScaleStep): EnsembleProblem[] {
  const problems: EnsembleProblem[] = [];
  if (std.includes(0)) problems.push({ path: 'scale.std', message: 'must not be 0: the elements are divided by it' });
  const longest = Math.max(mean.length, std.length);
  for (const [field, numbers] of Object.entries({ mean, std })) {
    if (numbers.length === 1 || numbers.length === longest) continue;
    problems.push({ path: `scale.${field}`, message: `must have 1 number or ${longest}, not ${numbers.length}` });
  }
  if (longest > 1 && axis === undefined) {
    problems.push({ path: 'scale.axis', message: `is required: ${longest} numbers belong to the indices of an axis` });
  }
  return problems;
}

function checkCombine({ inputs, weights, minAnswers }: CombineStep): EnsembleProblem[] {
  const problems: EnsembleProblem[] = [];
  if (weights.length !== inputs.length) {
    const message = `must have one number for each of the ${inputs.length} inputs, not ${weights.length}`;
    problems.push({ path: 'combine.weights', message });
  }
  if (minAnswers > inputs.length) {
    const message = `must be at most ${inputs.length}, the number of inputs, not ${minAnswers}`;
    problems.push({ path: 'combine.minAnswers', message });
  }
  return problems;
}

function checkSwitch({ on, cases }: SwitchStep): EnsembleProblem[] {
  const operands = new Set<unknown>();
  return cases.flatMap(({ condition }, index): EnsembleProblem[] => {
    if (condition.kind !== 'equals') return [];
    const path = `switch.cases[${index}].when.equals`;
    if (operands.has(condition.operand)) return [{ path, message: `${on.name} is compared with this before` }];
    operands.add(condition.operand);
    return [];
  });
}

/** Whoever takes a value must not have to know which branch gave it. */
function checkBranches(branches: readonly { readonly branch: Branch; readonly path: string }[]): EnsembleProblem[] {
  const namesOf = ({ outputs }: Branch) =>
    outputs
      .map(({ tensor }) => tensor)
      .sort()
      .join(', ');
  const [first, ...others] = branches;
  if (first === undefined) return [];
  const expected = namesOf(first.branch);
  return others
    .filter(({ branch }) => namesOf(branch) !== expected)
    .map(({ path }) => ({
      path: `${path}.outputs`,
      message: `must give the same values as ${first.path}: ${expected}`,
    }));
}
