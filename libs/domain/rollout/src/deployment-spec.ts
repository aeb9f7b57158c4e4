import type { EnsembleSpec } from '#domain/ensemble';
import type { ServingOptions } from '#domain/inference';
import type { AliasName, ModelName, Namespace } from '#domain/registry';

/** One stage of a rollout. */
export type RolloutStep =
  | { readonly kind: 'setWeight'; readonly weightPercent: number }
  /** Waits until both hold; at least one is given. */
  | { readonly kind: 'analyse'; readonly minRequests?: number; readonly forMs?: number }
  /** Without `forMs` it waits for a person. */
  | { readonly kind: 'pause'; readonly forMs?: number };

/** A gate on the share of requests that fail for the server's reasons. */
export interface ErrorRateGate {
  readonly metric: 'error-rate';
  /** Tolerated share, 0 to 1, both excluded. */
  readonly max: number;
  /** Whether a candidate is excused while stable fails alike. */
  readonly against: 'stable' | 'none';
  /** 1 minus the probability of ever failing a candidate that is within `max`. */
  readonly confidence: number;
  /** Requests without which the candidate is not promoted. */
  readonly minRequests: number;
}

/** How a change of version is released. */
export interface RolloutPlan {
  readonly strategy: 'canary' | 'allAtOnce';
  readonly steps: readonly RolloutStep[];
  readonly fallbackToStable: boolean;
  /** Longest time for the whole rollout, pauses for a person left out. */
  readonly progressDeadlineMs: number;
  readonly gates: readonly ErrorRateGate[];
  readonly writeBack: 'commit' | 'branch' | 'none';
}

/** The version in the specification of an ensemble. No version of the registry has this number. */
export const NO_VERSION = 0;

/** Which versions are served, beside stable and the candidate, to requests that name them. */
export type VersionPolicy =
  /** The newest ones. */
  | { readonly kind: 'latest'; readonly count: number }
  | { readonly kind: 'specific'; readonly versions: readonly number[] }
  | { readonly kind: 'all' };

/** Most versions that a policy adds to a deployment: each of them costs the gateways a runner. */
export const MAX_PINNED_VERSIONS = 16;

/** What a manifest says, with every default filled in. */
export interface DeploymentSpec {
  readonly namespace: Namespace;
  readonly name: ModelName;
  /** The deployment's own name for an ensemble. */
  readonly model: ModelName;
  /** {@link NO_VERSION} for an ensemble, which is no version of a model in the registry. */
  readonly version: number;
  /** What is served instead of a version. */
  readonly ensemble?: EnsembleSpec;
  /** The alias that the manifest names instead of a version; `version` is where it pointed when the commit was taken. */
  readonly alias?: AliasName;
  /** Absent: no versions beside stable and the candidate. */
  readonly versionPolicy?: VersionPolicy;
  /** `target/precision`, the preferred one first; `undefined` takes all as registered. */
  readonly variants?: readonly string[];
  /** Longest time from receipt to answer. */
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  /** Absent in what was written before there were any: the defaults. */
  readonly serving?: ServingOptions;
  readonly rollout: RolloutPlan;
}

/** What a manifest says that names an alias: a {@link DeploymentSpec} once the registry was asked. */
export type AliasedSpec = Omit<DeploymentSpec, 'version' | 'alias' | 'ensemble'> & { readonly alias: AliasName };

/** A specification as it stands in Git, with its alias resolved. */
export interface DesiredDeployment {
  readonly spec: DeploymentSpec;
  /** Identity of the whole `spec`, the version included; two manifests with one hash ask for the same. */
  readonly specHash: string;
  /** Identity of the text in Git; absent where it is `specHash` itself because no alias was resolved. */
  readonly manifestHash?: string;
  /** The commit that brought it. */
  readonly commit: string;
  /** The file that holds it, for the write-back. */
  readonly file: string;
}
