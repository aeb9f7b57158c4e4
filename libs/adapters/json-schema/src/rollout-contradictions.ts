import type { FreezeWindow, Gate, Rollout, Step } from '#generated/model-deployment';
import type { SchemaProblem } from './compile-schema.ts';

/** What the fields of a rollout say against each other. */
export function rolloutProblems(name: string, rollout: Rollout): readonly SchemaProblem[] {
  return [
    ...(rollout.steps ?? []).flatMap((step, index) => stepProblems(step, index, rollout)),
    ...(rollout.gates ?? []).flatMap((gate, index) => gateProblems(gate, index, rollout)),
    ...(rollout.freeze ?? []).flatMap(freezeProblems),
    ...(rollout.dependsOn?.includes(name) === true
      ? [{ path: 'spec.rollout.dependsOn', message: `names ${name} itself, which would wait for ever` }]
      : []),
  ];
}

function stepProblems(step: Step, index: number, { strategy }: Rollout): SchemaProblem[] {
  const isWithoutWeight = strategy === 'blueGreen' || strategy === 'shadow';
  if (!isWithoutWeight || !('setWeight' in step)) return [];
  const message = `does not go with ${strategy}, whose candidate has no share of the traffic`;
  return [{ path: `spec.rollout.steps[${index}].setWeight`, message }];
}

function gateProblems(gate: Gate, index: number, { steps, strategy }: Rollout): SchemaProblem[] {
  const path = `spec.rollout.gates[${index}]`;
  if (gate.metric === 'latency' && gate.max !== undefined && gate.maxRatio !== undefined) {
    return [{ path, message: 'cannot have max and maxRatio at once' }];
  }
  if (gate.metric === 'prometheus' && gate.max === undefined && gate.min === undefined) {
    return [{ path, message: 'must have max, min or both' }];
  }
  const isMirrored = strategy === 'shadow' || (steps ?? []).some((step) => 'mirror' in step);
  if (gate.metric === 'agreement' && !isMirrored) {
    return [{ path, message: 'compares mirrored requests, and no step has mirror: add one' }];
  }
  return [];
}

function freezeProblems(window: FreezeWindow, index: number): SchemaProblem[] {
  const path = `spec.rollout.freeze[${index}]`;
  if ('between' in window) {
    const [from, to] = window.between.map(Date.parse);
    const isInOrder = from !== undefined && to !== undefined && from < to;
    return isInOrder ? [] : [{ path: `${path}.between`, message: 'must be two times, the earlier one first' }];
  }
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: window.timeZone ?? 'UTC' });
    return [];
  } catch {
    return [
      { path: `${path}.timeZone`, message: `${window.timeZone} is not a time zone: write it like Europe/Berlin` },
    ];
  }
}
