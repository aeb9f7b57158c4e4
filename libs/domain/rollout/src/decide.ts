import { assertNever } from '#domain/errors';
import type { DeploymentSpec, DesiredDeployment, RolloutStep } from './deployment-spec.ts';
import type { ErrorSegment } from './e-process.ts';
import {
  type GateEvidence,
  type GateObservation,
  type GateVerdict,
  judgeErrorRate,
  type TrafficCounts,
} from './gate.ts';
import type { Candidate, RolloutOutcome, RolloutState, ServableVersion } from './rollout-state.ts';

/** The state of a version over all attached gateways. */
export type Readiness =
  | { readonly kind: 'loading' }
  /** Every gateway can serve it. */
  | { readonly kind: 'ready' }
  /** A gateway could not load it. */
  | { readonly kind: 'failed'; readonly error: string };

/** What the registry says of the desired version. */
export type Resolution =
  | { readonly kind: 'found'; readonly servable: ServableVersion }
  | { readonly kind: 'missing'; readonly reason: string }
  /** The registry was not asked yet, or could not answer. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** What a person can ask for: the end of the present step, of all steps, or of the rollout. */
export type RolloutCommand = 'promote' | 'promoteFully' | 'abort';

/** All that a decision rests on. */
export interface RolloutSnapshot {
  /** The newest valid manifest whose alias, if it names one, was found; absent before there was one. */
  readonly desired?: DesiredDeployment;
  readonly resolution: Resolution;
  readonly state: RolloutState;
  /** Of the candidate's version. */
  readonly candidateReadiness: Readiness;
  /** Of the present rollout. */
  readonly traffic: { readonly candidate: TrafficCounts; readonly stable: TrafficCounts };
  /** What a person asked for since the last decision. */
  readonly command?: RolloutCommand;
}

/** The one thing to do next, and why. */
export type Action =
  | { readonly kind: 'none'; readonly reason: string }
  /** The specification was rolled back before: nothing is done until it differs. */
  | { readonly kind: 'refuse'; readonly reason: string }
  /** Take over settings; the version stays. */
  | { readonly kind: 'adoptSettings'; readonly desired: DesiredDeployment; readonly reason: string }
  /** Have the gateways load the version; it gets no traffic yet. */
  | {
      readonly kind: 'startRollout';
      readonly desired: DesiredDeployment;
      readonly servable: ServableVersion;
      readonly reason: string;
    }
  | { readonly kind: 'enterStep'; readonly stepIndex: number; readonly weightPercent: number; readonly reason: string }
  /** The candidate becomes stable: a swap of pointers, nothing is loaded or copied. */
  | { readonly kind: 'promote'; readonly reason: string }
  /** All traffic back to stable. */
  | {
      readonly kind: 'end';
      readonly outcome: Exclude<RolloutOutcome, 'promoted'>;
      readonly reason: string;
      readonly evidence?: GateEvidence;
    };

/**
 * Decides what a deployment does next.
 *
 * Pure and idempotent: the same snapshot and time give the same action, and `none` means that nothing is due. One action at a
 * time; after it was applied, the next snapshot asks again. Whatever it answers, a version that is ready keeps all traffic that
 * no other ready version takes.
 */
export function decide(snapshot: RolloutSnapshot, nowMs: number): Action {
  const { candidate } = snapshot.state;
  return candidate === undefined ? decideAtRest(snapshot) : decideInRollout(snapshot, candidate, nowMs);
}

function decideAtRest({ desired, resolution, state }: RolloutSnapshot): Action {
  if (desired === undefined) return none(resolution.kind === 'missing' ? resolution.reason : 'no valid manifest');
  const { spec, specHash } = desired;
  const { stable } = state;
  if (specHash === stable?.desired.specHash) return none(`${nameOf(spec)} is stable`);
  if (stable !== undefined && isSameVersion(stable.desired, desired)) {
    return { kind: 'adoptSettings', desired, reason: `settings changed, ${nameOf(spec)} stays` };
  }
  if (state.rejected.includes(specHash)) {
    const advice = 'name another version, or change spec.rollout.retryToken to try again';
    return {
      kind: 'refuse',
      reason: `${nameOf(spec)} was rolled back with this very specification: ${advice}`,
    };
  }
  if (resolution.kind !== 'found') return none(resolution.reason);
  // Gateways tell the versions of a deployment apart by their numbers.
  if (stable?.desired.spec.ensemble !== undefined && stable.servable.version === resolution.servable.version) {
    return none(`the ensemble that is served has number ${spec.version} too: change it once, then name this version`);
  }
  const reason =
    stable === undefined ? 'first version' : `version ${stable.servable.version} → ${resolution.servable.version}`;
  return { kind: 'startRollout', desired, servable: resolution.servable, reason };
}

function decideInRollout(snapshot: RolloutSnapshot, candidate: Candidate, nowMs: number): Action {
  const { desired, state, command } = snapshot;
  const readiness = snapshot.candidateReadiness;
  if (desired !== undefined && desired.specHash !== candidate.desired.specHash) {
    return {
      kind: 'end',
      outcome: 'superseded',
      reason: `commit ${shortCommit(desired.commit)} asks for something else`,
    };
  }
  if (command === 'abort') return { kind: 'end', outcome: 'aborted', reason: 'aborted by a person' };
  // What an ensemble calls may come, go and change without it: it waits for parts that fit.
  if (readiness.kind === 'failed' && candidate.desired.spec.ensemble !== undefined) {
    return none(`the ensemble cannot be served: ${readiness.error}`);
  }
  if (readiness.kind === 'failed') {
    const outcome = state.stable === undefined ? 'failed' : 'rolledBack';
    return {
      kind: 'end',
      outcome,
      reason: `version ${candidate.servable.version} cannot be loaded: ${readiness.error}`,
    };
  }
  const verdicts = judge(candidate, snapshot.traffic);
  const failed = verdicts.find((verdict) => verdict.kind === 'fail');
  if (failed !== undefined)
    return { kind: 'end', outcome: 'rolledBack', reason: failed.reason, evidence: failed.evidence };
  if (isOverdue(candidate, nowMs)) {
    const outcome = state.stable === undefined ? 'failed' : 'rolledBack';
    return { kind: 'end', outcome, reason: `no end within the progress deadline; it was ${describeStep(candidate)}` };
  }
  if (readiness.kind !== 'ready') return none(`version ${candidate.servable.version} is loading`);
  if (state.stable === undefined) return { kind: 'promote', reason: 'first version, ready' };
  if (candidate.desired.spec.rollout.strategy === 'allAtOnce') return { kind: 'promote', reason: 'ready, all at once' };
  return decideStep(snapshot, candidate, verdicts, nowMs);
}

function decideStep(
  { traffic, command }: RolloutSnapshot,
  candidate: Candidate,
  verdicts: readonly GateVerdict[],
  nowMs: number,
): Action {
  if (command === 'promoteFully') return promoteByPerson(verdicts);
  const { steps } = candidate.desired.spec.rollout;
  const waiting = command === 'promote' ? undefined : waitingFor(candidate, traffic.candidate, nowMs);
  if (waiting !== undefined) return none(waiting);
  const nextIndex = candidate.stepIndex + 1;
  const next = steps[nextIndex];
  if (next !== undefined) {
    const weightPercent = next.kind === 'setWeight' ? next.weightPercent : candidate.weightPercent;
    return { kind: 'enterStep', stepIndex: nextIndex, weightPercent, reason: describe(next) };
  }
  if (command === 'promote') return promoteByPerson(verdicts);
  const undecided = verdicts.find((verdict) => verdict.kind === 'inconclusive');
  return undecided === undefined ? { kind: 'promote', reason: reasonsOf(verdicts) } : none(undecided.reason);
}

/** A person may go ahead without evidence; a failing gate has rolled back before this is asked. */
function promoteByPerson(verdicts: readonly GateVerdict[]): Action {
  return { kind: 'promote', reason: `promoted by a person; ${reasonsOf(verdicts)}` };
}

function reasonsOf(verdicts: readonly GateVerdict[]): string {
  return verdicts.map((verdict) => verdict.reason).join('; ') || 'no gates';
}

/** What the present step still waits for, in words; `undefined` when it is done. */
function waitingFor(candidate: Candidate, { requests }: TrafficCounts, nowMs: number): string | undefined {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  if (step === undefined || step.kind === 'setWeight') return undefined;
  const elapsedMs = nowMs - candidate.stepEnteredAtMs;
  if (step.kind === 'pause') {
    if (step.forMs === undefined) return 'paused until `slipway rollout promote`';
    return elapsedMs < step.forMs ? `paused for ${step.forMs} ms` : undefined;
  }
  const inStep = requests - candidate.requestsAtStepEntry;
  if (step.minRequests !== undefined && inStep < step.minRequests) {
    return `analysing: ${inStep} of ${step.minRequests} requests at ${candidate.weightPercent} %`;
  }
  if (step.forMs !== undefined && elapsedMs < step.forMs) return `analysing for ${step.forMs} ms`;
  return undefined;
}

function judge(candidate: Candidate, traffic: RolloutSnapshot['traffic']): GateVerdict[] {
  const { gates } = candidate.desired.spec.rollout;
  const observation: GateObservation = { ...traffic, segments: segmentsOf(candidate, traffic) };
  return gates.map((gate) => judgeErrorRate(gate, gates.length, observation));
}

/** Errors by weight, the present one included. */
export function segmentsOf(candidate: Candidate, traffic: RolloutSnapshot['traffic']): ErrorSegment[] {
  const present: ErrorSegment = {
    share: candidate.weightPercent / 100,
    candidateErrors: Math.max(0, traffic.candidate.serverErrors - candidate.errorsAtWeight.candidate),
    stableErrors: Math.max(0, traffic.stable.serverErrors - candidate.errorsAtWeight.stable),
  };
  return [...candidate.closedSegments, present];
}

function isOverdue(candidate: Candidate, nowMs: number): boolean {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  const isWaitingForPerson = step?.kind === 'pause' && step.forMs === undefined;
  const pausedMs = candidate.pausedMs + (isWaitingForPerson ? nowMs - candidate.stepEnteredAtMs : 0);
  return nowMs - candidate.startedAtMs - pausedMs > candidate.desired.spec.rollout.progressDeadlineMs;
}

/** The candidate's present step in words. */
export function describeStep(candidate: Candidate): string {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  return step === undefined ? 'loading' : describe(step);
}

function describe(step: RolloutStep): string {
  switch (step.kind) {
    case 'setWeight':
      return `setting the weight to ${step.weightPercent} %`;
    case 'analyse': {
      const parts = [
        step.minRequests === undefined ? [] : [`${step.minRequests} requests`],
        step.forMs === undefined ? [] : [`${step.forMs} ms`],
      ];
      return `analysing ${parts.flat().join(' and ')}`;
    }
    case 'pause':
      return step.forMs === undefined ? 'paused for a person' : `paused for ${step.forMs} ms`;
    default:
      return assertNever(step);
  }
}

/** Whether two specifications ask for the same bytes: then no rollout is needed between them. */
function isSameVersion(left: DesiredDeployment, right: DesiredDeployment): boolean {
  const identity = ({ spec: { model, version, variants, ensemble } }: DesiredDeployment) =>
    JSON.stringify([model, version, variants ?? null, ensemble ?? null]);
  return identity(left) === identity(right);
}

function nameOf({ version, ensemble }: DeploymentSpec): string {
  return ensemble === undefined ? `version ${version}` : 'the ensemble';
}

function shortCommit(commit: string): string {
  return commit.slice(0, 10);
}

function none(reason: string): Action {
  return { kind: 'none', reason };
}
