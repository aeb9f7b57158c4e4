import type {
  Branch,
  CombineStep,
  Condition,
  EnsembleSpec,
  EnsembleStep,
  SplitterStep,
  SwitchStep,
} from '#domain/ensemble';
import { assertNever } from '#domain/errors';
import { type Datatype, isDatatype } from '#domain/inference';
import type * as wire from '#generated/slipway/control/v1/control';
import { toTensorSpec } from './tensor-spec.mapper.ts';

const COMBINATIONS: readonly CombineStep['by'][] = ['mean', 'confidence', 'vote'];
const SPLITS: readonly SplitterStep['by'][] = ['chance', 'request'];

/** @throws Error when a message holds what no controller writes, such as a step of a later release. */
export function toEnsembleSpec({ inputs, outputs, steps }: wire.EnsembleSpec): EnsembleSpec {
  return { inputs: inputs.map(toTensorSpec), outputs: outputs.map(toTensorSpec), steps: steps.map(toStep) };
}

function toStep({ step }: wire.EnsembleStep): EnsembleStep {
  if (step === undefined) throw new Error('a step of an ensemble has no kind that is known');
  switch (step.$case) {
    case 'model': {
      const { version, timeoutMs, ...rest } = step.value;
      return { kind: 'model', ...rest, version: version || undefined, timeoutMs: timeoutMs || undefined };
    }
    case 'cast':
      return { kind: 'cast', ...step.value, datatype: toDatatype(step.value.datatype) };
    case 'scale':
      return { kind: 'scale', ...step.value, axis: step.value.axis };
    case 'reshape':
      return { kind: 'reshape', ...step.value, shape: step.value.shape.map(Number) };
    case 'transpose':
      return { kind: 'transpose', ...step.value };
    case 'softmax':
      return { kind: 'softmax', ...step.value };
    case 'argmax':
      return { kind: 'argmax', ...step.value };
    case 'topK': {
      const { values, indices } = step.value;
      return { kind: 'topK', ...step.value, values: values || undefined, indices: indices || undefined };
    }
    case 'labels':
      return { kind: 'labels', ...step.value };
    case 'concat':
      return { kind: 'concat', ...step.value };
    case 'combine':
      return { kind: 'combine', ...step.value, by: oneOf(COMBINATIONS, step.value.by) };
    case 'splitter': {
      const branches = step.value.branches.map(({ weight, branch }) => ({ weight, ...toBranch(branch) }));
      return { kind: 'splitter', by: oneOf(SPLITS, step.value.by), branches };
    }
    case 'switch':
      return toSwitch(step.value);
    default:
      return assertNever(step);
  }
}

function toSwitch({ on, cases, otherwise }: wire.SwitchStep): SwitchStep {
  if (on === undefined) throw new Error('a switch has nothing to look at');
  return {
    kind: 'switch',
    on: { kind: on.$case, name: on.value },
    cases: cases.map(({ condition, branch }) => ({ condition: toCondition(condition), ...toBranch(branch) })),
    otherwise: otherwise && toBranch(otherwise),
  };
}

function toCondition(condition: wire.SwitchCase['condition']): Condition {
  if (condition === undefined) throw new Error('a case of a switch has no condition');
  switch (condition.$case) {
    case 'below':
    case 'atLeast':
      return { kind: condition.$case, operand: condition.value };
    default:
      return { kind: 'equals', operand: condition.value };
  }
}

function toBranch(branch: wire.EnsembleBranch | undefined): Branch {
  return { steps: (branch?.steps ?? []).map(toStep), outputs: branch?.outputs ?? [] };
}

function toDatatype(word: string): Datatype {
  if (isDatatype(word)) return word;
  throw new Error(`unknown datatype ${word}`);
}

function oneOf<Word extends string>(words: readonly Word[], word: string): Word {
  const found = words.find((known) => known === word);
  if (found === undefined) throw new Error(`unknown word ${word}: it is none of ${words.join(', ')}`);
  return found;
}
