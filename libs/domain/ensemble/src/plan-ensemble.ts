import { isDomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import { checkStructure } from './check-structure.ts';
import { ENSEMBLE_PATH, type EnsembleProblem } from './ensemble-problem.ts';
import type { Branch, EnsembleSpec, EnsembleStep, ModelStep, SwitchStep } from './ensemble-spec.ts';
import { typesOfStep } from './process-step.ts';
import { branchesOf, inputsOf, outputsOf } from './step-edges.ts';
import { describeType, eitherType, fits, isFloat, type TensorType } from './tensor-type.ts';

/** The signature of what a step calls, or why it cannot be called: `is not served`. */
export type SignatureOf = (
  deployment: string,
  version: number | undefined,
) => ModelSignature | { readonly problem: string };

/**
 * Everything that is wrong with an ensemble, given the models that it names: its structure, and whether every value is such as those
 * that take it want it.
 *
 * @returns none when it can be served.
 */
export function planEnsemble(spec: EnsembleSpec, signatureOf: SignatureOf): EnsembleProblem[] {
  const structure = checkStructure(spec);
  // Types are asked for along the edges: these must lead somewhere, and not in circles.
  if (structure.length > 0) return structure;
  const problems: EnsembleProblem[] = [];
  const given = new Map<string, TensorType>(spec.inputs.map((input) => [input.name, input]));
  const scope = new TypeScope(spec.steps, ENSEMBLE_PATH, (name) => given.get(name), { signatureOf, problems });
  scope.settle();
  spec.outputs.forEach((output, index) => {
    const type = scope.typeOf(output.name);
    if (type === undefined || fits(type, output)) return;
    const message = `is declared as ${describeType(output)}, but "${output.name}" is ${describeType(type)}`;
    problems.push({ path: `${ENSEMBLE_PATH}.outputs[${index}]`, message });
  });
  return problems;
}

/** What an ensemble calls, each once, with the place of its first step. */
export function membersOf({
  steps,
}: Pick<EnsembleSpec, 'steps'>): { deployment: string; version: number | undefined; path: string }[] {
  const members = modelSteps(steps, ENSEMBLE_PATH);
  return members.filter(
    ({ deployment, version }, index) =>
      members.findIndex((other) => other.deployment === deployment && other.version === version) === index,
  );
}

function modelSteps(steps: readonly EnsembleStep[], path: string): ReturnType<typeof membersOf> {
  return steps.flatMap((step, index) => {
    const at = `${path}.steps[${index}]`;
    if (step.kind === 'model') return [{ deployment: step.deployment, version: step.version, path: `${at}.model` }];
    return branchesOf(step).flatMap(({ branch, path: inner }) => modelSteps(branch.steps, `${at}.${inner}`));
  });
}

interface Findings {
  readonly signatureOf: SignatureOf;
  readonly problems: EnsembleProblem[];
}

/** Types of the values that steps see, found as they are asked for. */
class TypeScope {
  readonly #steps: readonly { readonly step: EnsembleStep; readonly path: string }[];
  readonly #around: (name: string) => TensorType | undefined;
  readonly #findings: Findings;
  readonly #found = new Map<string, TensorType | undefined>();
  readonly #settled = new Set<EnsembleStep>();

  constructor(
    steps: readonly EnsembleStep[],
    path: string,
    around: (name: string) => TensorType | undefined,
    findings: Findings,
  ) {
    this.#steps = steps.map((step, index) => ({ step, path: `${path}.steps[${index}]` }));
    this.#around = around;
    this.#findings = findings;
  }

  /** `undefined` when the step that gives it has a problem, which is told already. */
  readonly typeOf = (name: string): TensorType | undefined => {
    const giver = this.#steps.find(({ step }) => outputsOf(step).some(({ value }) => value === name));
    if (giver === undefined) return this.#around(name);
    this.#settleStep(giver.step, giver.path);
    return this.#found.get(name);
  };

  /** Finds every type. */
  settle(): void {
    for (const { step, path } of this.#steps) this.#settleStep(step, path);
  }

  #settleStep(step: EnsembleStep, path: string): void {
    if (this.#settled.has(step)) return;
    this.#settled.add(step);
    const types = this.#typesOf(step, path);
    outputsOf(step).forEach(({ value }, index) => {
      this.#found.set(value, types[index]);
    });
  }

  /** In the order of the step's outputs. */
  #typesOf(step: EnsembleStep, path: string): readonly (TensorType | undefined)[] {
    switch (step.kind) {
      case 'model':
        return this.#typesOfModel(step, path);
      case 'switch':
        this.#checkCondition(step, path);
        return this.#typesOfBranches(branchesOf(step), path);
      case 'splitter':
        return this.#typesOfBranches(branchesOf(step), path);
      default: {
        const inputs = inputsOf(step).map(({ value }) => this.typeOf(value));
        const known = inputs.filter((type) => type !== undefined);
        if (known.length < inputs.length) return [];
        try {
          return typesOfStep(step, known);
        } catch (error) {
          if (!isDomainError(error, 'ENSEMBLE_INVALID')) throw error;
          this.#tell(`${path}.${error.context['field']}`, error.message);
          return [];
        }
      }
    }
  }

  #typesOfModel(
    { deployment, version, inputs, outputs }: ModelStep,
    path: string,
  ): readonly (TensorType | undefined)[] {
    const signature = this.#findings.signatureOf(deployment, version);
    if ('problem' in signature) {
      const what = version === undefined ? deployment : `version ${version} of ${deployment}`;
      this.#tell(`${path}.model.${version === undefined ? 'deployment' : 'version'}`, `${what} ${signature.problem}`);
      return [];
    }
    for (const { tensor, value } of inputs) {
      const type = this.typeOf(value);
      const wanted = signature.inputs.find(({ name }) => name === tensor);
      const at = `${path}.model.inputs.${tensor}`;
      if (wanted === undefined) this.#tell(at, `${deployment} has no such input: it has ${namesOf(signature.inputs)}`);
      else if (type !== undefined && !fits(type, wanted)) {
        this.#tell(at, `${deployment} wants ${describeType(wanted)}, but "${value}" is ${describeType(type)}`);
      }
    }
    const missing = signature.inputs.filter(({ name }) => inputs.every(({ tensor }) => tensor !== name));
    if (missing.length > 0) this.#tell(`${path}.model.inputs`, `${namesOf(missing)} of ${deployment} gets no value`);
    return outputs.map(({ tensor }) => {
      const found = signature.outputs.find(({ name }) => name === tensor);
      const at = `${path}.model.outputs.${tensor}`;
      if (found === undefined) this.#tell(at, `${deployment} has no such output: it has ${namesOf(signature.outputs)}`);
      return found;
    });
  }

  #checkCondition({ on, cases }: SwitchStep, path: string): void {
    if (on.kind === 'parameter') return;
    const type = this.typeOf(on.name);
    if (type === undefined) return;
    if (type.shape.some((size) => size > 1 || size === 0)) {
      this.#tell(`${path}.switch.on.value`, `must have one element, but "${on.name}" is ${describeType(type)}`);
    }
    cases.forEach(({ condition: { kind, operand } }, index) => {
      const at = `${path}.switch.cases[${index}].when.${kind}`;
      const wanted = type.datatype === 'BYTES' ? 'string' : type.datatype === 'BOOL' ? 'boolean' : 'number';
      const isCompared = `"${on.name}" is ${type.datatype}`;
      if (typeof operand !== wanted) this.#tell(at, `must be a ${wanted}: ${isCompared}`);
      else if (kind === 'equals' && isFloat(type.datatype)) this.#tell(at, `use below and atLeast: ${isCompared}`);
    });
  }

  #typesOfBranches(
    branches: readonly { readonly branch: Branch; readonly path: string }[],
    path: string,
  ): readonly (TensorType | undefined)[] {
    const [first, ...others] = branches.map(({ branch, path: inner }) =>
      this.#typesOfBranch(branch, `${path}.${inner}`),
    );
    return (first ?? []).map(({ tensor, type, at }) =>
      others.reduce((joint, other) => {
        const here = other.find((output) => output.tensor === tensor);
        if (joint === undefined || here?.type === undefined) return undefined;
        const either = eitherType(joint, here.type);
        if (either === undefined) {
          this.#tell(here.at, `is ${describeType(here.type)}, but ${describeType(joint)} at ${at}`);
        }
        return either;
      }, type),
    );
  }

  #typesOfBranch({ steps, outputs }: Branch, path: string) {
    const inside = new TypeScope(steps, path, this.typeOf, this.#findings);
    inside.settle();
    return outputs.map(({ tensor, value }) => ({
      tensor,
      type: inside.typeOf(value),
      at: `${path}.outputs.${tensor}`,
    }));
  }

  #tell(path: string, message: string): void {
    this.#findings.problems.push({ path, message });
  }
}

function namesOf(specs: readonly { readonly name: string }[]): string {
  return specs.map(({ name }) => name).join(', ') || 'none';
}
