import {
  type Binding,
  type Branch,
  type Condition,
  checkStructure,
  type EnsembleSpec,
  type EnsembleStep,
  type SwitchStep,
} from '#domain/ensemble';
import type * as manifest from '#generated/model-deployment';
import type { SchemaProblem } from './compile-schema.ts';
import { toMs } from './duration.ts';

/** The last one. */
const DEFAULT_AXIS = -1;

type ManifestSwitch = Extract<manifest.EnsembleStep, { switch: unknown }>['switch'];

/** What is wrong with the graph of a manifest, whatever models it names. */
export function ensembleProblems(ensemble: manifest.Ensemble): readonly SchemaProblem[] {
  return checkStructure(toEnsembleSpec(ensemble));
}

/** Fills in the defaults of an ensemble that the schema allows. */
export function toEnsembleSpec({ inputs, outputs, steps }: manifest.Ensemble): EnsembleSpec {
  return { inputs, outputs, steps: steps.map(toStep) };
}

function toStep(step: manifest.EnsembleStep): EnsembleStep {
  if ('model' in step) {
    const { deployment, version, inputs, outputs, timeout } = step.model;
    const timeoutMs = timeout === undefined ? undefined : toMs(timeout);
    return { kind: 'model', deployment, version, inputs: toBindings(inputs), outputs: toBindings(outputs), timeoutMs };
  }
  if ('cast' in step) return { kind: 'cast', ...step.cast };
  if ('scale' in step) return { kind: 'scale', ...step.scale, axis: step.scale.axis };
  if ('reshape' in step) return { kind: 'reshape', ...step.reshape };
  if ('transpose' in step) return { kind: 'transpose', ...step.transpose };
  if ('softmax' in step) return { kind: 'softmax', axis: DEFAULT_AXIS, ...step.softmax };
  if ('argmax' in step) return { kind: 'argmax', axis: DEFAULT_AXIS, ...step.argmax };
  if ('topK' in step) return { kind: 'topK', ...step.topK, values: step.topK.values, indices: step.topK.indices };
  if ('labels' in step) return { kind: 'labels', ...step.labels };
  if ('concat' in step) return { kind: 'concat', axis: DEFAULT_AXIS, ...step.concat };
  if ('combine' in step) {
    const { inputs } = step.combine;
    return { kind: 'combine', weights: inputs.map(() => 1), minAnswers: inputs.length, ...step.combine };
  }
  if ('splitter' in step) {
    const { by = 'chance', branches } = step.splitter;
    return {
      kind: 'splitter',
      by,
      branches: branches.map((branch) => ({ weight: branch.weight, ...toBranch(branch) })),
    };
  }
  return toSwitch(step.switch);
}

function toSwitch({ on, cases, otherwise }: ManifestSwitch): SwitchStep {
  return {
    kind: 'switch',
    on: 'parameter' in on ? { kind: 'parameter', name: on.parameter } : { kind: 'value', name: on.value },
    cases: cases.map((branch) => ({ condition: toCondition(branch.when), ...toBranch(branch) })),
    otherwise: otherwise && toBranch(otherwise),
  };
}

function toCondition(when: manifest.Condition): Condition {
  if ('equals' in when) return { kind: 'equals', operand: when.equals };
  return 'below' in when ? { kind: 'below', operand: when.below } : { kind: 'atLeast', operand: when.atLeast };
}

function toBranch({ steps = [], outputs }: manifest.Branch): Branch {
  return { steps: steps.map(toStep), outputs: toBindings(outputs) };
}

function toBindings(map: Readonly<Record<string, string>>): Binding[] {
  return Object.entries(map).map(([tensor, value]) => ({ tensor, value }));
}
