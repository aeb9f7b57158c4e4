import { assertNever } from '#domain/errors';
import type { Action, RolloutSnapshot } from './decide.ts';
import { namedVersion } from './named-version.ts';
import { withoutRejection, withRejection } from './rejection.ts';
import { type Candidate, MAX_REMEMBERED, type RolloutOutcome, type RolloutState } from './rollout-state.ts';
import { versionIdentity } from './version-identity.ts';
import { closeWeight } from './weight-segments.ts';

/** Outcomes after which the same specification is not tried again. */
const REJECTING: readonly RolloutOutcome[] = ['rolledBack', 'aborted', 'failed'];

/**
 * The state after an action, from the snapshot that the action was decided on. Pure: what follows from the state (routes, the
 * write-back) is the caller's to do.
 */
export function applyAction(snapshot: RolloutSnapshot, action: Action, nowMs: number): RolloutState {
  const { state } = snapshot;
  switch (action.kind) {
    case 'none':
    case 'refuse':
      return state;
    case 'adoptSettings':
      if (state.stable === undefined) return state;
      return { ...state, stable: { desired: action.desired, servable: action.servable } };
    case 'forgive':
      return withoutRejection(state, action.desired);
    case 'takeBaseline': {
      const candidate = requireCandidate(state);
      return {
        ...state,
        candidate: { ...candidate, baselines: { ...candidate.baselines, [action.key]: action.baseline } },
      };
    }
    case 'startRollout': {
      const { namespace, name } = action.desired.spec;
      const rolloutCount = state.rolloutCount + 1;
      const candidate: Candidate = {
        desired: action.desired,
        servable: action.servable,
        rolloutId: `${namespace}.${name}.${rolloutCount}`,
        startedAtMs: nowMs,
        stepIndex: -1,
        stepEnteredAtMs: nowMs,
        requestsAtStepEntry: 0,
        weightPercent: 0,
        pausedMs: 0,
      };
      return { ...state, candidate, rolloutCount };
    }
    case 'enterStep':
      return { ...state, candidate: enterStep(snapshot, requireCandidate(state), action, nowMs) };
    case 'promote': {
      const { desired, servable } = requireCandidate(state);
      const ended = recordEnd(state, 'promoted', action.reason, nowMs);
      return { ...ended, stable: { desired, servable }, pastStable: pastStableOf(state, versionIdentity(desired)) };
    }
    case 'end': {
      const ended = recordEnd(state, action.outcome, action.reason, nowMs, action.evidence);
      if (!REJECTING.includes(action.outcome)) return ended;
      return withRejection(ended, requireCandidate(state).desired);
    }
    default:
      return assertNever(action);
  }
}

function enterStep(
  snapshot: RolloutSnapshot,
  candidate: Candidate,
  { stepIndex, weightPercent, mirrorPercent }: Extract<Action, { kind: 'enterStep' }>,
  nowMs: number,
): Candidate {
  const { traffic } = snapshot;
  const left = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  const wasWaitingForPerson = left?.kind === 'pause' && left.forMs === undefined;
  const entered: Candidate = {
    ...candidate,
    stepIndex,
    stepEnteredAtMs: nowMs,
    requestsAtStepEntry: traffic.candidate.requests,
    mirrorPercent,
    mirroredAtStepEntry: traffic.candidate.mirrored?.requests ?? 0,
    pausedMs: candidate.pausedMs + (wasWaitingForPerson ? nowMs - candidate.stepEnteredAtMs : 0),
  };
  if (weightPercent === candidate.weightPercent) return entered;
  const { gates } = candidate.desired.spec.rollout;
  const closed = closeWeight(candidate.weightPercent / 100, gates, traffic, candidate.baselines ?? {});
  return { ...entered, weightPercent, closedWeights: [...(candidate.closedWeights ?? []), closed] };
}

/** The versions that were stable, the one that is relieved now the newest of them. */
function pastStableOf({ stable, pastStable = [] }: RolloutState, promoted: string): readonly string[] {
  const relieved = stable === undefined ? [] : [versionIdentity(stable.desired)];
  const before = pastStable.filter((identity) => identity !== promoted && !relieved.includes(identity));
  return [...before, ...relieved.filter((identity) => identity !== promoted)].slice(-MAX_REMEMBERED);
}

function recordEnd(
  state: RolloutState,
  outcome: RolloutOutcome,
  reason: string,
  endedAtMs: number,
  evidence?: NonNullable<RolloutState['lastRollout']>['evidence'],
): RolloutState {
  const { candidate, ...rest } = state;
  const ended = candidate ?? requireCandidate(state);
  const { rolloutId, desired, startedAtMs } = ended;
  return {
    ...rest,
    lastRollout: {
      rolloutId,
      ...namedVersion(ended),
      commit: desired.commit,
      specHash: desired.specHash,
      outcome,
      reason,
      startedAtMs,
      endedAtMs,
      ...(evidence === undefined ? {} : { evidence }),
    },
  };
}

function requireCandidate({ candidate }: RolloutState): Candidate {
  if (candidate === undefined) throw new Error('the action needs a candidate');
  return candidate;
}
