import { type RolloutState, type VersionInUse, versionIdentity } from '#domain/rollout';

/** Whether a state gives traffic to a version that had none, or less, in the state before it. */
export function givesTraffic({ stable, candidate }: RolloutState, before: RolloutState): boolean {
  if (stable !== undefined && !isSame(stable, before.stable)) return true;
  if (candidate === undefined) return false;
  const weightBefore = before.candidate?.rolloutId === candidate.rolloutId ? before.candidate.weightPercent : 0;
  return candidate.weightPercent > weightBefore;
}

function isSame({ desired }: VersionInUse, other: VersionInUse | undefined): boolean {
  return other !== undefined && versionIdentity(desired) === versionIdentity(other.desired);
}
