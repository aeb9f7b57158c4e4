import type { EnsembleSpec } from '#domain/ensemble';
import type { ModelSignature, ServingOptions } from '#domain/inference';
import type { Digest } from '#domain/registry';
import type { DeploymentAttributes, RouteMatch, StickyKey } from '#domain/routing';
import type { SignatureRequirement } from '#domain/signing';
import type { Breaker, TrafficWatch } from '#domain/traffic';

/** The whole desired state of a gateway. */
export interface ServingSnapshot {
  /** Grows with every change of a term. */
  readonly revision: number;
  /** The term of the controller that it comes from; absent: before there were terms. A later one's snapshots are newer. */
  readonly epoch?: number;
  readonly deployments: readonly DesiredRoute[];
}

/** What one deployment shall serve. */
export interface DesiredRoute {
  readonly namespace: string;
  readonly name: string;
  /** Absent: nothing is known. */
  readonly attributes?: DeploymentAttributes | undefined;
  readonly stable: ServedVersion | undefined;
  readonly candidate: ServedVersion | undefined;
  /** Versions for requests that name them; absent: none. */
  readonly pinned?: readonly ServedVersion[];
  readonly candidateWeightPercent: number;
  /** 0 to 100; percent of stable's requests of which the candidate gets a copy. Absent: none. */
  readonly mirrorPercent?: number | undefined;
  /** Requests that always go to the candidate; absent: none. */
  readonly match?: RouteMatch | undefined;
  /** Absent: chance decides anew for every request. */
  readonly stickyBy?: StickyKey | undefined;
  /** What gates want to know of answers; absent: nothing. */
  readonly watch?: TrafficWatch | undefined;
  /** When this gateway takes the candidate out without the controller; absent: never. */
  readonly breaker?: Breaker | undefined;
  /** Names the rollout that counts belong to; empty outside of one. */
  readonly rolloutId: string;
  readonly fallbackToStable: boolean;
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  readonly serving: ServingOptions;
}

/** All that is needed to load a version. */
export interface ServedVersion {
  readonly model: string;
  readonly version: number;
  /** Names it together with its choice of variants: of two builds of one version in a deployment each has a name of its own. */
  readonly build: string;
  readonly signature: ModelSignature;
  /** The preferred one first; none for an ensemble. */
  readonly variants: readonly ServedVariant[];
  /** What answers instead of a variant. */
  readonly ensemble?: EnsembleSpec;
  /** Absent: nobody has to have signed it. */
  readonly signing?: RequiredSigning;
}

/** Who has to have signed a version before it is loaded. */
export interface RequiredSigning extends SignatureRequirement {
  readonly modelNamespace: string;
}

/** One build of a version. */
export interface ServedVariant {
  readonly target: string;
  readonly precision: string;
  readonly format: string;
  /** The first file is the one that the runtime opens. */
  readonly files: readonly ServedFile[];
}

/** A file by digest. */
export interface ServedFile {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** Whether a snapshot comes after another. */
export function isNewer(snapshot: ServingSnapshot, than: ServingSnapshot): boolean {
  const [epoch, thanEpoch] = [snapshot.epoch ?? 0, than.epoch ?? 0];
  return epoch === thanEpoch ? snapshot.revision > than.revision : epoch > thanEpoch;
}
