import { assertNever } from '#domain/errors';
import type { Binding, Branch, EnsembleStep } from './ensemble-spec.ts';

/** A value that is named somewhere. */
export interface NamedValue {
  readonly value: string;
  /** Relative to the step, such as `cast.input`. */
  readonly path: string;
}

/** A branch with its place. */
export interface PlacedBranch {
  readonly branch: Branch;
  /** Relative to the step, such as `splitter.branches[1]`. */
  readonly path: string;
}

/** The values that a step itself takes; what its branches take is theirs to tell. */
export function inputsOf(step: EnsembleStep): NamedValue[] {
  switch (step.kind) {
    case 'model':
      return boundValues(step.inputs, 'model.inputs');
    case 'concat':
    case 'combine':
      return step.inputs.map((value, index) => ({ value, path: `${step.kind}.inputs[${index}]` }));
    case 'splitter':
      return [];
    case 'switch':
      return step.on.kind === 'value' ? [{ value: step.on.name, path: 'switch.on.value' }] : [];
    case 'cast':
    case 'scale':
    case 'reshape':
    case 'transpose':
    case 'softmax':
    case 'argmax':
    case 'topK':
    case 'labels':
      return [{ value: step.input, path: `${step.kind}.input` }];
    default:
      return assertNever(step);
  }
}

/** The values that a step gives. */
export function outputsOf(step: EnsembleStep): NamedValue[] {
  switch (step.kind) {
    case 'model':
      return boundValues(step.outputs, 'model.outputs');
    case 'topK':
      return [
        ...(step.values === undefined ? [] : [{ value: step.values, path: 'topK.values' }]),
        ...(step.indices === undefined ? [] : [{ value: step.indices, path: 'topK.indices' }]),
      ];
    case 'splitter':
    case 'switch': {
      // Which tensors a branch gives is the same for all; the first one stands for them.
      const [first] = branchesOf(step);
      return (first?.branch.outputs ?? []).map(({ tensor }) => ({
        value: tensor,
        path: `${first?.path}.outputs.${tensor}`,
      }));
    }
    default:
      return [{ value: step.output, path: `${step.kind}.output` }];
  }
}

/** The branches of a step, in order; none for most steps. */
export function branchesOf(step: EnsembleStep): PlacedBranch[] {
  switch (step.kind) {
    case 'splitter':
      return step.branches.map((branch, index) => ({ branch, path: `splitter.branches[${index}]` }));
    case 'switch':
      return [
        ...step.cases.map((branch, index) => ({ branch, path: `switch.cases[${index}]` })),
        ...(step.otherwise === undefined ? [] : [{ branch: step.otherwise, path: 'switch.otherwise' }]),
      ];
    default:
      return [];
  }
}

/** The values of bindings, each at the place of its tensor. */
export function boundValues(bindings: readonly Binding[], path: string): NamedValue[] {
  return bindings.map(({ tensor, value }) => ({ value, path: `${path}.${tensor}` }));
}
