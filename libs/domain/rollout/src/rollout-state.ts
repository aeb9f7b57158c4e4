import type { ModelVersion } from '#domain/registry';
import type { DesiredDeployment } from './deployment-spec.ts';
import type { ErrorSegment } from './e-process.ts';
import type { GateEvidence } from './gate.ts';

/** What a gateway must know of a version to serve it without asking the registry. */
export type ServableVersion = Pick<ModelVersion, 'namespace' | 'model' | 'version' | 'signature' | 'variants'>;

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
  /** Errors of the weights before the present one. */
  readonly closedSegments: readonly ErrorSegment[];
  /** Errors when the present weight was set. */
  readonly errorsAtWeight: { readonly candidate: number; readonly stable: number };
}

/** How a rollout ended. */
export type RolloutOutcome = 'promoted' | 'rolledBack' | 'aborted' | 'superseded' | 'failed';

/** The rollout that ended last. */
export interface RolloutRecord {
  readonly rolloutId: string;
  readonly version: number;
  readonly commit: string;
  readonly specHash: string;
  readonly outcome: RolloutOutcome;
  readonly reason: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly evidence?: GateEvidence;
}

/** What a deployment's journal keeps, across restarts. */
export interface RolloutState {
  /** Answers whatever the candidate does not. Absent until a first version was ready. */
  readonly stable?: VersionInUse;
  readonly candidate?: Candidate;
  /** Hashes of specifications that were rolled back, newest last. They are not tried again. */
  readonly rejected: readonly string[];
  readonly lastRollout?: RolloutRecord;
  /** Number of rollouts so far. */
  readonly rolloutCount: number;
}

export const INITIAL_STATE: RolloutState = { rejected: [], rolloutCount: 0 };

/** How many rejected specifications are remembered. */
export const MAX_REJECTED = 20;
