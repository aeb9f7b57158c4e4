import type { DesiredDeployment } from './deployment-spec.ts';
import { MAX_REMEMBERED, type RejectedVersion, type RolloutState } from './rollout-state.ts';
import { versionIdentity } from './version-identity.ts';

/**
 * Why a specification is not tried: it was rolled back, or its version was, and nothing in it asks to try again. `undefined` when it may be
 * tried. A pipeline that commits the same version again and again, with whatever settings, starts nothing.
 */
export function rejectionOf(
  { rejected, rejectedVersions = [] }: RolloutState,
  desired: DesiredDeployment,
): string | undefined {
  const advice = 'name another version, change spec.rollout.retryToken, or run `slipway rollout retry`';
  if (rejected.includes(desired.specHash)) return `was rolled back with this very specification: ${advice}`;
  const { acceptRejected, retryToken } = desired.spec.rollout;
  if (acceptRejected === true) return undefined;
  const identity = versionIdentity(desired);
  const earlier = rejectedVersions.findLast((version) => version.identity === identity);
  if (earlier === undefined || earlier.retryToken !== retryToken) return undefined;
  return `was rolled back: ${advice}, or set spec.rollout.acceptRejected`;
}

/** The state after a rollback: neither the specification nor its version is tried again. */
export function withRejection(state: RolloutState, desired: DesiredDeployment): RolloutState {
  const { retryToken } = desired.spec.rollout;
  const version: RejectedVersion = {
    identity: versionIdentity(desired),
    ...(retryToken === undefined ? {} : { retryToken }),
  };
  const kept = withoutRejection(state, desired);
  return {
    ...kept,
    rejected: [...kept.rejected, desired.specHash].slice(-MAX_REMEMBERED),
    rejectedVersions: [...(kept.rejectedVersions ?? []), version].slice(-MAX_REMEMBERED),
  };
}

/** The state in which a specification and its version may be tried again. */
export function withoutRejection(state: RolloutState, desired: DesiredDeployment): RolloutState {
  const identity = versionIdentity(desired);
  return {
    ...state,
    rejected: state.rejected.filter((hash) => hash !== desired.specHash),
    rejectedVersions: (state.rejectedVersions ?? []).filter((version) => version.identity !== identity),
  };
}
