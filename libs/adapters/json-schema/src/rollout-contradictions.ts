import { QUERY_PLACEHOLDERS } from '#domain/rollout';
import type { Gate, Rollout, Step } from '#generated/model-deployment';
import { isAskedGate, type WireAskedGate } from './asked-gate.ts';
import type { SchemaProblem } from './compile-schema.ts';
import { toMs } from './duration.ts';
import { timeWindowProblems } from './time-window.mapper.ts';

/** What the fields of a rollout say against each other. */
export function rolloutProblems(name: string, rollout: Rollout): readonly SchemaProblem[] {
  return [
    ...(rollout.steps ?? []).flatMap((step, index) => stepProblems(step, index, rollout)),
    ...(rollout.gates ?? []).flatMap((gate, index) => gateProblems(gate, index, rollout)),
    ...(rollout.freeze ?? []).flatMap((window, index) => timeWindowProblems(window, `spec.rollout.freeze[${index}]`)),
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
  if (isAskedGate(gate)) return askedProblems(gate, path);
  const isMirrored = strategy === 'shadow' || (steps ?? []).some((step) => 'mirror' in step);
  if (gate.metric === 'agreement' && !isMirrored) {
    return [{ path, message: 'compares mirrored requests, and no step has mirror: add one' }];
  }
  return [];
}

/** Whoever is asked is asked every second at most, and a gate that asks once a week would judge nothing. */
const MIN_INTERVAL_MS = 1000;
const MAX_INTERVAL_MS = 24 * 3_600_000;

function askedProblems(gate: WireAskedGate, path: string): SchemaProblem[] {
  const intervalMs = toMs(gate.interval ?? '30s');
  if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
    return [{ path: `${path}.interval`, message: 'must be from 1s to 24h' }];
  }
  const placeholders = gate.metric === 'prometheus' ? gate.query.matchAll(/\{\{\s*([\w.-]*)\s*\}\}/g) : [];
  const known: readonly string[] = QUERY_PLACEHOLDERS;
  const unknown = [...placeholders].find(([, name = '']) => !known.includes(name));
  if (unknown === undefined) return [];
  const all = known.map((name) => `{{${name}}}`).join(', ');
  return [{ path: `${path}.query`, message: `has ${unknown[0]}, and there are ${all}` }];
}
