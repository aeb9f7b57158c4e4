import { namedVersion, type RolloutGate } from '#domain/rollout';
import type { Deployment } from './deployment.ts';
import type { GateSubject } from './gate-provider.ts';
import type { GatewayFleet } from './gateway-fleet.ts';

/** A rollout that somebody can be asked about. */
export interface AskedRollout {
  readonly subject: GateSubject;
  /** All gates of the rollout; the same for as long as its id is. */
  readonly gates: readonly RolloutGate[];
}

/**
 * What can be asked about a deployment; `undefined` while its candidate gets no requests, because nobody could know anything of it,
 * and a gate that waits for an answer would keep the candidate from ever getting any.
 */
export function askedRolloutOf(deployment: Deployment, fleet: GatewayFleet): AskedRollout | undefined {
  const { entry, state } = deployment;
  const { candidate, stable } = state;
  if (candidate === undefined || candidate.stepIndex < 0) return undefined;
  const { strategy, match, gates } = candidate.desired.spec.rollout;
  const { weightPercent, mirrorPercent = 0 } = candidate;
  // A candidate of `blueGreen` has no share before it has all; it is tried by those who name it.
  const isAddressed = strategy === 'blueGreen' || match !== undefined;
  if (weightPercent === 0 && mirrorPercent === 0 && !isAddressed) return undefined;
  const subject = {
    namespace: entry.namespace,
    name: entry.name,
    candidate: namedVersion(candidate),
    stable: stable && namedVersion(stable),
    rolloutId: candidate.rolloutId,
    weightPercent,
    startedAtMs: candidate.startedAtMs,
    observed: () => deployment.trafficOf(fleet),
  };
  return { subject, gates };
}
