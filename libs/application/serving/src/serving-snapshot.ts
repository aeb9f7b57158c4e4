import type { EnsembleSpec } from '#domain/ensemble';
import type { ModelSignature, ServingOptions } from '#domain/inference';
import type { Digest } from '#domain/registry';

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
  readonly stable: ServedVersion | undefined;
  readonly candidate: ServedVersion | undefined;
  /** Versions for requests that name them; absent: none. */
  readonly pinned?: readonly ServedVersion[];
  readonly candidateWeightPercent: number;
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
  readonly signature: ModelSignature;
  /** The preferred one first; none for an ensemble. */
  readonly variants: readonly ServedVariant[];
  /** What answers instead of a variant. */
  readonly ensemble?: EnsembleSpec;
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
