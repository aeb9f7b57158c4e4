import type { Binding, Branch, Condition, EnsembleSpec, EnsembleStep } from '#domain/ensemble';
import { assertNever } from '#domain/errors';
import type { TensorSpec } from '#domain/inference';
import type * as wire from '#generated/slipway/control/v1/control';

type WireStep = NonNullable<wire.EnsembleStep['step']>;

/** An ensemble as the gateways are told of it. */
export function ensembleToWire({ inputs, outputs, steps }: EnsembleSpec): wire.EnsembleSpec {
  return { inputs: inputs.map(specToWire), outputs: outputs.map(specToWire), steps: stepsToWire(steps) };
}

function specToWire({ name, datatype, shape }: TensorSpec): wire.TensorSpec {
  return { name, datatype, shape: shape.map(BigInt) };
}

function stepsToWire(steps: readonly EnsembleStep[]): wire.EnsembleStep[] {
  return steps.map((step) => ({ step: stepToWire(step) }));
}

/** 0 and empty texts are how the message says that nothing was said. */
function stepToWire(step: EnsembleStep): WireStep {
  switch (step.kind) {
    case 'model': {
      const { deployment, version, inputs, outputs, timeoutMs } = step;
      const bound = { inputs: inputs.map(bindingToWire), outputs: outputs.map(bindingToWire) };
      return { $case: 'model', value: { deployment, version: version ?? 0, ...bound, timeoutMs: timeoutMs ?? 0 } };
    }
    case 'cast':
      return { $case: 'cast', value: step };
    case 'scale':
      return { $case: 'scale', value: { ...step, mean: [...step.mean], std: [...step.std] } };
    case 'reshape':
      return { $case: 'reshape', value: { ...step, shape: step.shape.map(BigInt) } };
    case 'transpose':
      return { $case: 'transpose', value: { ...step, axes: [...step.axes] } };
    case 'softmax':
      return { $case: 'softmax', value: step };
    case 'argmax':
      return { $case: 'argmax', value: step };
    case 'topK':
      return { $case: 'topK', value: { ...step, values: step.values ?? '', indices: step.indices ?? '' } };
    case 'labels':
      return { $case: 'labels', value: { ...step, labels: [...step.labels] } };
    case 'concat':
      return { $case: 'concat', value: { ...step, inputs: [...step.inputs] } };
    case 'combine':
      return { $case: 'combine', value: { ...step, inputs: [...step.inputs], weights: [...step.weights] } };
    case 'splitter': {
      const branches = step.branches.map((branch) => ({ weight: branch.weight, branch: branchToWire(branch) }));
      return { $case: 'splitter', value: { by: step.by, branches } };
    }
    case 'switch':
      return {
        $case: 'switch',
        value: {
          on: { $case: step.on.kind, value: step.on.name },
          cases: step.cases.map((branch) => ({
            condition: conditionToWire(branch.condition),
            branch: branchToWire(branch),
          })),
          otherwise: step.otherwise && branchToWire(step.otherwise),
        },
      };
    default:
      return assertNever(step);
  }
}

function branchToWire({ steps, outputs }: Branch): wire.EnsembleBranch {
  return { steps: stepsToWire(steps), outputs: outputs.map(bindingToWire) };
}

function bindingToWire({ tensor, value }: Binding): wire.ValueBinding {
  return { tensor, value };
}

function conditionToWire({ kind, operand }: Condition): wire.SwitchCase['condition'] {
  if (kind !== 'equals') return { $case: kind, value: operand };
  if (typeof operand === 'string') return { $case: 'equalsText', value: operand };
  return typeof operand === 'number'
    ? { $case: 'equalsNumber', value: operand }
    : { $case: 'equalsBoolean', value: operand };
}
