import type { ModelVersion } from '#domain/registry';
import type { SignatureRequirement } from '#domain/signing';
import type { DesiredDeployment } from './deployment-spec.ts';
import type { GateEvidence } from './gate-verdict.ts';
import type { LatencyBaseline } from './latency-baseline.ts';
import type { NamedVersion } from './named-version.ts';
import type { ClosedWeight } from './weight-segments.ts';

/** What a gateway must know of a version to serve it without asking the registry. */
export interface ServableVersion
  extends Pick<ModelVersion, 'namespace' | 'model' | 'version' | 'signature' | 'variants'> {
  /** Who has to have signed it, and what shows that one of them has. Absent: nobody has to. */
  readonly signing?: SignatureRequirement;
}

/** A version that a deployment serves or tries to, with the specification that asked for it. */
export interface VersionInUse {
  readonly desired: DesiredDeployment;
  readonly servable: ServableVersion;
}

/** A version on its way to become stable. */
export interface Candidate extends VersionInUse {
  /** Names this attempt; counters are kept per attempt. */
  readonly rolloutId: string;
  readonly startedAtMs: number;
  /** -1 until the version is ready; then the index of the step that is under way. */
  readonly stepIndex: number;
  readonly stepEnteredAtMs: number;
  /** Candidate requests of this rollout when the step was entered. */
  readonly requestsAtStepEntry: number;
  /** Percent of the randomly split traffic. */
  readonly weightPercent: number;
  /** Time spent waiting for a person, which the progress deadline leaves out. */
  readonly pausedMs: number;
  /** Percent of stable's requests of which it gets copies. Absent: none. */
  readonly mirrorPercent?: number;
  /** Mirrored requests of this rollout when the step was entered. */
  readonly mirroredAtStepEntry?: number;
  /** Totals when each of the weights before the present one was left. Absent: none were. */
  readonly closedWeights?: readonly ClosedWeight[];
  /** Limits of relative latency gates, by key. */
  readonly baselines?: Readonly<Record<string, LatencyBaseline>>;
}

/** How a rollout ended. */
export type RolloutOutcome = 'promoted' | 'rolledBack' | 'aborted' | 'superseded' | 'failed';

/** The rollout that ended last. */
export interface RolloutRecord extends NamedVersion {
  readonly rolloutId: string;
  readonly commit: string;
  readonly specHash: string;
  readonly outcome: RolloutOutcome;
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly evidence?: GateEvidence;
}

/** A version that was rolled back, and what its manifest said of trying again. */
export interface RejectedVersion {
  /** As {@link versionIdentity} names it. */
  readonly identity: string;
  readonly retryToken?: string;
}

/** What a deployment's journal keeps, across restarts. */
export interface RolloutState {
  /** Answers whatever the candidate does not. Absent until a first version was ready. */
  readonly stable?: VersionInUse;
  readonly candidate?: Candidate;
  /** Hashes of specifications that were rolled back, newest last. They are not tried again. */
  readonly rejected: readonly string[];
  /** Versions that were rolled back, newest last. No other specification brings them back unless it says so. */
  readonly rejectedVersions?: readonly RejectedVersion[];
  /** Versions that were stable, as {@link versionIdentity} names them, newest last; not the present one. */
  readonly pastStable?: readonly string[];
  readonly lastRollout?: RolloutRecord;
  /** Number of rollouts so far. */
  readonly rolloutCount: number;
}

export const INITIAL_STATE: RolloutState = { rejected: [], rolloutCount: 0 };

/** How many rejected specifications and versions, and how many past stable versions, are remembered. */
export const MAX_REMEMBERED = 20;
