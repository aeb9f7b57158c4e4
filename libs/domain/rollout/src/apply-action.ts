import { assertNever } from '#domain/errors';
import { type Action, type RolloutSnapshot, segmentsOf } from './decide.ts';
import { type Candidate, MAX_REJECTED, type RolloutOutcome, type RolloutState } from './rollout-state.ts';

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
      return state.stable === undefined ? state : { ...state, stable: { ...state.stable, desired: action.desired } };
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
        closedSegments: [],
        errorsAtWeight: { candidate: 0, stable: 0 },
      };
      return { ...state, candidate, rolloutCount };
    }
    case 'enterStep':
      return { ...state, candidate: enterStep(snapshot, requireCandidate(state), action, nowMs) };
    case 'promote': {
      const { desired, servable } = requireCandidate(state);
      return { ...recordEnd(state, 'promoted', action.reason, nowMs), stable: { desired, servable } };
    }
    case 'end': {
      const ended = recordEnd(state, action.outcome, action.reason, nowMs, action.evidence);
      if (!REJECTING.includes(action.outcome)) return ended;
      const { specHash } = requireCandidate(state).desired;
      const rejected = [...state.rejected.filter((hash) => hash !== specHash), specHash].slice(-MAX_REJECTED);
      return { ...ended, rejected };
    }
    default:
      return assertNever(action);
  }
}

function enterStep(
  snapshot: RolloutSnapshot,
  candidate: Candidate,
  { stepIndex, weightPercent }: Extract<Action, { kind: 'enterStep' }>,
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
    pausedMs: candidate.pausedMs + (wasWaitingForPerson ? nowMs - candidate.stepEnteredAtMs : 0),
  };
  if (weightPercent === candidate.weightPercent) return entered;
  return {
    ...entered,
    weightPercent,
    closedSegments: segmentsOf(candidate, traffic),
    errorsAtWeight: { candidate: traffic.candidate.serverErrors, stable: traffic.stable.serverErrors },
  };
}

function recordEnd(
  state: RolloutState,
  outcome: RolloutOutcome,
  reason: string,
  endedAtMs: number,
  evidence?: NonNullable<RolloutState['lastRollout']>['evidence'],
): RolloutState {
  const { candidate, ...rest } = state;
  const { rolloutId, servable, desired, startedAtMs } = candidate ?? requireCandidate(state);
  return {
    ...rest,
    lastRollout: {
      rolloutId,
      version: servable.version,
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
