import type { RolloutState } from '#domain/rollout';

/** Whether a state gives traffic to a version that had none, or less, in the state before it. */
export function givesTraffic({ stable, candidate }: RolloutState, before: RolloutState): boolean {
  if (stable?.servable.version !== before.stable?.servable.version) return stable !== undefined;
  if (candidate === undefined) return false;
  const weightBefore = before.candidate?.rolloutId === candidate.rolloutId ? before.candidate.weightPercent : 0;
  return candidate.weightPercent > weightBefore;
}
