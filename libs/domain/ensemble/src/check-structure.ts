import { checkStep } from './check-step.ts';
import { ENSEMBLE_PATH, type EnsembleProblem } from './ensemble-problem.ts';
import type { EnsembleSpec, EnsembleStep } from './ensemble-spec.ts';
import { boundValues, branchesOf, inputsOf, type NamedValue, outputsOf } from './step-edges.ts';

const MAX_DEPTH = 4;

/**
 * Everything that is wrong with an ensemble whatever models it names: values that nobody gives, that are given twice or that nobody
 * takes, steps that wait for each other, and fields of a step that contradict each other.
 *
 * @returns none when it is right.
 */
export function checkStructure({ inputs, outputs, steps }: EnsembleSpec): EnsembleProblem[] {
  const problems: EnsembleProblem[] = [];
  const given = inputs.map(({ name }, index) => ({ value: name, path: `${ENSEMBLE_PATH}.inputs[${index}].name` }));
  const wanted = outputs.map(({ name }, index) => ({ value: name, path: `${ENSEMBLE_PATH}.outputs[${index}].name` }));
  problems.push(...repeatsIn(wanted));
  checkScope({ steps, path: ENSEMBLE_PATH, given, wanted, around: new Set(), depth: 0 }, problems);
  return problems;
}

/** Steps that see each other's values: those of an ensemble, or of a branch. */
interface Scope {
  readonly steps: readonly EnsembleStep[];
  readonly path: string;
  /** What is there before any step. */
  readonly given: readonly NamedValue[];
  /** What is taken out of it. */
  readonly wanted: readonly NamedValue[];
  /** Names of the values around it, which its steps may take. */
  readonly around: ReadonlySet<string>;
  readonly depth: number;
}

/** A step with all that it takes, what its branches take from around included. */
interface Node {
  readonly path: string;
  readonly takes: readonly NamedValue[];
  readonly gives: readonly NamedValue[];
}

/** @returns what the scope takes from around it. */
function checkScope(scope: Scope, problems: EnsembleProblem[]): NamedValue[] {
  const { steps, path, given, wanted, around } = scope;
  const before = problems.length;
  const defined = [...given, ...steps.flatMap((step, index) => placed(outputsOf(step), `${path}.steps[${index}]`))];
  const visible = new Set([...around, ...defined.map(({ value }) => value)]);
  const nodes = steps.map((step, index) => nodeOf(step, `${path}.steps[${index}]`, visible, scope, problems));
  const taken = [...nodes.flatMap(({ takes }) => takes), ...wanted];
  problems.push(...repeatsIn(defined, around), ...unknownsIn(taken, visible));
  // One edge that leads nowhere makes more steps look wrong than are: what is told of all edges waits until each is right.
  if (problems.length === before) problems.push(...cyclesIn(nodes));
  if (problems.length === before) problems.push(...uselessIn(defined, nodes, wanted));
  const own = new Set(defined.map(({ value }) => value));
  return taken.filter(({ value }) => !own.has(value) && around.has(value));
}

function nodeOf(
  step: EnsembleStep,
  path: string,
  visible: ReadonlySet<string>,
  { depth }: Scope,
  problems: EnsembleProblem[],
): Node {
  for (const problem of checkStep(step)) problems.push({ ...problem, path: `${path}.${problem.path}` });
  const branches = branchesOf(step);
  if (branches.length > 0 && depth + 1 >= MAX_DEPTH) {
    problems.push({ path, message: `branches lie within each other at most ${MAX_DEPTH - 1} deep` });
    return { path, takes: [], gives: placed(outputsOf(step), path) };
  }
  const takenInside = branches.flatMap(({ branch, path: branchPath }) =>
    checkScope(
      {
        steps: branch.steps,
        path: `${path}.${branchPath}`,
        given: [],
        wanted: boundValues(branch.outputs, `${path}.${branchPath}.outputs`),
        around: visible,
        depth: depth + 1,
      },
      problems,
    ),
  );
  return { path, takes: [...placed(inputsOf(step), path), ...takenInside], gives: placed(outputsOf(step), path) };
}

function placed(values: readonly NamedValue[], path: string): NamedValue[] {
  return values.map((named) => ({ value: named.value, path: `${path}.${named.path}` }));
}

function repeatsIn(defined: readonly NamedValue[], around: ReadonlySet<string> = new Set()): EnsembleProblem[] {
  const first = new Map<string, string>();
  return defined.flatMap(({ value, path }) => {
    const other = first.get(value) ?? (around.has(value) ? 'a step around this one' : undefined);
    if (other !== undefined) return [{ path, message: `the name "${value}" is taken by ${other}` }];
    first.set(value, path);
    return [];
  });
}

function unknownsIn(taken: readonly NamedValue[], visible: ReadonlySet<string>): EnsembleProblem[] {
  const known = [...visible].join(', ');
  return taken
    .filter(({ value }) => !visible.has(value))
    .map(({ value, path }) => ({ path, message: `nothing gives the value "${value}": there are ${known}` }));
}

function cyclesIn(nodes: readonly Node[]): EnsembleProblem[] {
  const giver = new Map(nodes.flatMap((node) => node.gives.map(({ value }) => [value, node] as const)));
  const done = new Set<Node>();
  const visit = (node: Node, trail: readonly Node[]): EnsembleProblem[] => {
    if (done.has(node)) return [];
    if (trail.includes(node)) {
      const circle = [...trail.slice(trail.indexOf(node)), node].map(({ path }) => path);
      return [{ path: node.path, message: `these steps wait for each other: ${circle.join(', ')}` }];
    }
    const found = node.takes.flatMap(({ value }) => {
      const before = giver.get(value);
      return before === undefined ? [] : visit(before, [...trail, node]);
    });
    done.add(node);
    return found;
  };
  return nodes.flatMap((node) => visit(node, []));
}

/** Work that no output depends on is a mistake in a graph, not an extra. */
function uselessIn(
  defined: readonly NamedValue[],
  nodes: readonly Node[],
  wanted: readonly NamedValue[],
): EnsembleProblem[] {
  const useful = new Set<string>();
  const use = ({ value }: NamedValue): void => {
    if (useful.has(value)) return;
    useful.add(value);
    nodes.find(({ gives }) => gives.some((given) => given.value === value))?.takes.forEach(use);
  };
  wanted.forEach(use);
  return defined
    .filter(({ value }) => !useful.has(value))
    .map(({ value, path }) => ({ path, message: `no output depends on the value "${value}"` }));
}
