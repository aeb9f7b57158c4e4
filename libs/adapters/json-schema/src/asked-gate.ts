import type { Gate } from '#generated/model-deployment';

/** A gate of a manifest that asks somebody else. */
export type WireAskedGate = Extract<Gate, { metric: 'prometheus' | 'http' | 'plugin' }>;

export function isAskedGate(gate: Gate): gate is WireAskedGate {
  return gate.metric === 'prometheus' || gate.metric === 'http' || gate.metric === 'plugin';
}
