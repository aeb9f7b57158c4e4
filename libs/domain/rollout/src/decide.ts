import { isWithin } from '#domain/schedule';
import type { TrafficCounts } from '#domain/traffic';
import { type DeploymentSpec, type DesiredDeployment, PERSON_PROMOTES, type RolloutStep } from './deployment-spec.ts';
import { describe, describeStep } from './describe-step.ts';
import type { GateEvidence, GateVerdict, NamedVerdict } from './gate-verdict.ts';
import { type ExternalReading, gateKeys } from './gates.ts';
import { judgeGates } from './judge-gates.ts';
import { type LatencyBaseline, takeBaseline } from './latency-baseline.ts';
import { namedVersion, shownVersion } from './named-version.ts';
import { rejectionOf } from './rejection.ts';
import type { Candidate, RolloutOutcome, RolloutState, ServableVersion, VersionInUse } from './rollout-state.ts';
import { isOverdue, waitingFor } from './step-progress.ts';
import { versionIdentity } from './version-identity.ts';

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
  /** It is not there, or must not be served. */
  | { readonly kind: 'missing'; readonly reason: string; readonly isUnsigned?: true }
  /** The registry was not asked yet, or could not answer. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * What a person can ask for: the end of the present step (`promote`, or `skip` for a step that waits for evidence), of all steps, or of the
 * rollout; `retry` tries again what was rolled back.
 */
export type RolloutCommand = 'promote' | 'skip' | 'promoteFully' | 'abort' | 'retry';

/** A deployment that another one depends on. */
export interface Dependency {
  readonly name: string;
  /** Whether it serves what Git says. */
  readonly isHealthy: boolean;
}

/** All that a decision rests on. */
export interface RolloutSnapshot {
  /** The newest valid manifest whose alias, if it names one, was found; absent before there was one. */
  readonly desired?: DesiredDeployment;
  readonly resolution: Resolution;
  readonly state: RolloutState;
  /** Of the candidate's own build, also where stable is another build of the same version. */
  readonly candidateReadiness: Readiness;
  /** Of the present rollout. */
  readonly traffic: { readonly candidate: TrafficCounts; readonly stable: TrafficCounts };
  /** What was answered to the gates that ask somebody else, by gate, oldest first. Absent: nothing. */
  readonly readings?: ReadonlyMap<string, readonly ExternalReading[]>;
  /** A gateway that took the candidate out by itself. */
  readonly trippedBy?: string | undefined;
  /** Of the desired specification. Absent: none. */
  readonly dependencies?: readonly Dependency[];
  /** What a person asked for since the last decision. */
  readonly command?: RolloutCommand;
}

/** The one thing to do next, and why. */
export type Action =
  | { readonly kind: 'none'; readonly reason: string }
  /** The specification was rolled back before: nothing is done until it differs. */
  | { readonly kind: 'refuse'; readonly reason: string }
  /** Take over settings; the version stays. */
  | {
      readonly kind: 'adoptSettings';
      readonly desired: DesiredDeployment;
      /** Stable, with the signatures that it must have now. */
      readonly servable: ServableVersion;
      readonly reason: string;
    }
  /** Have the gateways load the version; it gets no traffic yet. */
  | {
      readonly kind: 'startRollout';
      readonly desired: DesiredDeployment;
      readonly servable: ServableVersion;
      readonly reason: string;
    }
  /** Try again what was rolled back. */
  | { readonly kind: 'forgive'; readonly desired: DesiredDeployment; readonly reason: string }
  /** Fix the limit of a relative latency gate. */
  | { readonly kind: 'takeBaseline'; readonly key: string; readonly baseline: LatencyBaseline; readonly reason: string }
  | {
      readonly kind: 'enterStep';
      /** As many as there are steps: all are done, and a person decides. */
      readonly stepIndex: number;
      readonly weightPercent: number;
      readonly mirrorPercent: number;
      readonly reason: string;
    }
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
  return candidate === undefined ? decideAtRest(snapshot, nowMs) : decideInRollout(snapshot, candidate, nowMs);
}

function decideAtRest(snapshot: RolloutSnapshot, nowMs: number): Action {
  const { desired, resolution, state, command } = snapshot;
  if (desired === undefined) return none(resolution.kind === 'missing' ? resolution.reason : 'no valid manifest');
  const { spec, specHash } = desired;
  const { stable } = state;
  if (specHash === stable?.desired.specHash) return none(`${nameOf(spec)} is stable`);
  if (stable !== undefined && isSameVersion(stable.desired, desired)) {
    return adoptSettings(stable, desired, resolution);
  }
  const rejection = rejectionOf(state, desired);
  if (rejection !== undefined && command === 'retry')
    return { kind: 'forgive', desired, reason: 'a person tries again' };
  if (rejection !== undefined) return { kind: 'refuse', reason: `${nameOf(spec)} ${rejection}` };
  if (resolution.kind !== 'found') return none(resolution.reason);
  const waiting = waitingToBegin(snapshot, spec, nowMs);
  if (waiting !== undefined) return none(waiting);
  const { servable } = resolution;
  return { kind: 'startRollout', desired, servable, reason: describeChange(stable, { desired, servable }) };
}

/** Settings of the version that is stable. Who must have signed it is one of them: until somebody of those has, the old ones hold. */
function adoptSettings(
  { servable: { signing, ...unsigned } }: VersionInUse,
  desired: DesiredDeployment,
  resolution: Resolution,
): Action {
  const { spec } = desired;
  const adopted = { kind: 'adoptSettings', desired, reason: `settings changed, ${nameOf(spec)} stays` } as const;
  if (spec.signedBy === undefined) return { ...adopted, servable: unsigned };
  const isSigned = signing !== undefined && spec.signedBy.join() === signing.signedBy.join();
  if (isSigned) return { ...adopted, servable: { ...unsigned, signing } };
  return resolution.kind === 'found' ? { ...adopted, servable: resolution.servable } : none(resolution.reason);
}

/** What a rollout is about, in words. */
function describeChange(stable: VersionInUse | undefined, candidate: VersionInUse): string {
  if (stable === undefined) return 'first version';
  return `version ${shownVersion(namedVersion(stable))} → ${shownVersion(namedVersion(candidate))}`;
}

/** What a rollout waits for before it begins, in words. */
function waitingToBegin(
  { dependencies = [] }: RolloutSnapshot,
  spec: DeploymentSpec,
  nowMs: number,
): string | undefined {
  const missing = dependencies.filter(({ isHealthy }) => !isHealthy).map(({ name }) => name);
  if (missing.length > 0) return `waits until ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} healthy`;
  return isWithin(spec.rollout.freeze ?? [], nowMs) ? 'waits for the end of a freeze window' : undefined;
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
      reason: `version ${shownVersion(namedVersion(candidate))} cannot be loaded: ${readiness.error}`,
    };
  }
  const verdicts = verdictsOn(snapshot, candidate);
  const failure = failureOf(snapshot, candidate, verdicts);
  if (failure !== undefined) return { kind: 'end', outcome: 'rolledBack', ...failure };
  if (isOverdue(candidate, nowMs)) {
    const outcome = state.stable === undefined ? 'failed' : 'rolledBack';
    return { kind: 'end', outcome, reason: `no end within the progress deadline; it was ${describeStep(candidate)}` };
  }
  if (readiness.kind !== 'ready') return none(`version ${shownVersion(namedVersion(candidate))} is loading`);
  if (state.stable === undefined) return { kind: 'promote', reason: 'first version, ready' };
  if (candidate.desired.spec.rollout.strategy === 'allAtOnce') return { kind: 'promote', reason: 'ready, all at once' };
  if (wasStableRecently(state, candidate)) {
    return { kind: 'promote', reason: 'it was stable a short while ago: ready, without steps' };
  }
  return newBaseline(snapshot, candidate) ?? decideStep(snapshot, candidate, verdicts, nowMs);
}

/** Every gate's verdict on the candidate now. */
export function verdictsOn(snapshot: RolloutSnapshot, candidate: Candidate): readonly NamedVerdict[] {
  const { gates, breaker } = candidate.desired.spec.rollout;
  return judgeGates({
    gates,
    traffic: snapshot.traffic,
    history: {
      closed: candidate.closedWeights ?? [],
      share: candidate.weightPercent / 100,
      baselines: candidate.baselines ?? {},
    },
    readings: snapshot.readings ?? new Map(),
    hasBreaker: breaker === true,
  });
}

/** Why the candidate must go, and the numbers; `undefined` while it may stay. */
function failureOf(
  { traffic, trippedBy }: RolloutSnapshot,
  candidate: Candidate,
  verdicts: readonly NamedVerdict[],
): { readonly reason: string; readonly evidence?: GateEvidence } | undefined {
  const failed = verdicts.find(({ kind }) => kind === 'fail');
  if (failed !== undefined) return withEvidence(failed.reason, failed);
  const errorRate = verdicts.find(({ evidence }) => evidence?.gate === 'error-rate');
  const counts = `${traffic.candidate.serverErrors} of ${traffic.candidate.requests} candidate requests failed`;
  if (trippedBy !== undefined) return withEvidence(`gateway ${trippedBy} took it out by itself: ${counts}`, errorRate);
  const { maxErrors, maxRequests } = candidate.desired.spec.rollout.blastRadius ?? {};
  if (maxErrors !== undefined && traffic.candidate.serverErrors > maxErrors) {
    return withEvidence(`blast radius: ${counts}, ${maxErrors} may`, errorRate);
  }
  if (maxRequests !== undefined && traffic.candidate.requests > maxRequests) {
    return withEvidence(`blast radius: more than ${maxRequests} candidate requests without a decision`, errorRate);
  }
  return undefined;
}

function withEvidence(reason: string, verdict: GateVerdict | undefined) {
  return verdict?.evidence === undefined ? { reason } : { reason, evidence: verdict.evidence };
}

/** Whether the window for quick returns holds the candidate's version. */
function wasStableRecently({ pastStable = [] }: RolloutState, { desired }: Candidate): boolean {
  const window = desired.spec.rollout.rollbackWindow ?? 0;
  return window > 0 && pastStable.slice(-window).includes(versionIdentity(desired));
}

/** The limit of a relative latency gate, once stable has answered enough. */
function newBaseline({ traffic }: RolloutSnapshot, candidate: Candidate): Action | undefined {
  const { gates } = candidate.desired.spec.rollout;
  const keys = gateKeys(gates);
  for (const [index, gate] of gates.entries()) {
    const key = keys[index] ?? '';
    if (gate.metric !== 'latency' || candidate.baselines?.[key] !== undefined) continue;
    const baseline = takeBaseline(gate, traffic.candidate, traffic.stable);
    if (baseline === undefined) continue;
    const reason = `${key}: the limit is ${baseline.thresholdMs.toFixed(1)} ms`;
    return { kind: 'takeBaseline', key, baseline, reason };
  }
  return undefined;
}

function decideStep(
  snapshot: RolloutSnapshot,
  candidate: Candidate,
  verdicts: readonly NamedVerdict[],
  nowMs: number,
): Action {
  const { command } = snapshot;
  if (command === 'promoteFully') return promoteByPerson(verdicts);
  const { steps, strategy, freeze = [] } = candidate.desired.spec.rollout;
  const isPersonsWish = command === 'promote' || command === 'skip';
  const frozen = isPersonsWish ? undefined : verdicts.find(({ kind }) => kind === 'frozen');
  if (frozen !== undefined) return none(`frozen: ${frozen.reason}`);
  const waiting = isPersonsWish ? undefined : waitingFor(candidate, snapshot.traffic, nowMs);
  if (waiting !== undefined) return none(waiting);
  const isHeld = command !== 'promote' && candidate.stepIndex >= steps.length;
  if (isHeld) return none(`the ${strategy} waits for \`slipway rollout promote\` or abort; ${reasonsOf(verdicts)}`);
  if (!isPersonsWish && isWithin(freeze, nowMs)) return none('waits for the end of a freeze window');
  const nextIndex = candidate.stepIndex + 1;
  const next = steps[nextIndex];
  if (next !== undefined)
    return { kind: 'enterStep', stepIndex: nextIndex, ...sharesIn(next, candidate), reason: describe(next) };
  if (command === 'promote') return promoteByPerson(verdicts);
  if (PERSON_PROMOTES.includes(strategy)) return holdAtEnd(candidate, strategy);
  const undecided = verdicts.find(({ kind }) => kind === 'inconclusive');
  return undecided === undefined ? { kind: 'promote', reason: reasonsOf(verdicts) } : none(undecided.reason);
}

/** What the candidate gets in a step. Mirroring is over when its step is. */
function sharesIn(step: RolloutStep, { weightPercent }: Candidate): { weightPercent: number; mirrorPercent: number } {
  return {
    weightPercent: step.kind === 'setWeight' ? step.weightPercent : weightPercent,
    mirrorPercent: step.kind === 'mirror' ? step.percent : 0,
  };
}

/** All steps are done, and the rest is a person's: what the candidate gets stays as it is. */
function holdAtEnd(candidate: Candidate, strategy: string): Action {
  const { weightPercent, mirrorPercent = 0 } = candidate;
  const stepIndex = candidate.desired.spec.rollout.steps.length;
  return { kind: 'enterStep', stepIndex, weightPercent, mirrorPercent, reason: `the ${strategy} waits for a person` };
}

/** A person may go ahead without evidence; a failing gate has rolled back before this is asked. */
function promoteByPerson(verdicts: readonly GateVerdict[]): Action {
  return { kind: 'promote', reason: `promoted by a person; ${reasonsOf(verdicts)}` };
}

function reasonsOf(verdicts: readonly GateVerdict[]): string {
  return verdicts.map((verdict) => verdict.reason).join('; ') || 'no gates';
}

/** Whether two specifications ask for the same bytes: then no rollout is needed between them. */
function isSameVersion(left: DesiredDeployment, right: DesiredDeployment): boolean {
  return versionIdentity(left) === versionIdentity(right);
}

function nameOf(spec: DeploymentSpec): string {
  return spec.ensemble === undefined ? `version ${shownVersion(spec)}` : 'the ensemble';
}

function shortCommit(commit: string): string {
  return commit.slice(0, 10);
}

function none(reason: string): Action {
  return { kind: 'none', reason };
}
