import type { EnsembleSpec } from '#domain/ensemble';
import type { ServingOptions } from '#domain/inference';
import type { AliasName, ModelName, Namespace } from '#domain/registry';
import type { RouteMatch, StickyKey } from '#domain/routing';
import type { TimeWindow } from '#domain/schedule';
import type { RolloutGate } from './gates.ts';

/** One stage of a rollout. */
export type RolloutStep =
  | { readonly kind: 'setWeight'; readonly weightPercent: number }
  /** Waits until all hold; at least one is given. */
  | {
      readonly kind: 'analyse';
      readonly minRequests?: number;
      readonly forMs?: number;
      /** Until the candidate's error rate is known to be within the limit, with a chance of 1 minus this of being wrong. */
      readonly confidence?: number;
    }
  /** The candidate gets copies of stable's requests; waits until all hold that is given. */
  | { readonly kind: 'mirror'; readonly percent: number; readonly minRequests?: number; readonly forMs?: number }
  /** Without `forMs` it waits for a person. */
  | { readonly kind: 'pause'; readonly forMs?: number };

/**
 * How a version takes over.
 * - `canary`: step by step, and then all.
 * - `blueGreen`: it is loaded beside stable and can be asked by name; all traffic moves at once, after the steps.
 * - `shadow`: it gets copies of requests, and no others. Only a person promotes it.
 * - `experiment`: it has its share until a person promotes it or ends it.
 * - `allAtOnce`: as soon as it is ready.
 */
export type RolloutStrategy = 'canary' | 'blueGreen' | 'shadow' | 'experiment' | 'allAtOnce';

/** Strategies that end with a person's word. */
export const PERSON_PROMOTES: readonly RolloutStrategy[] = ['shadow', 'experiment'];

/** How a change of version is released. */
export interface RolloutPlan {
  readonly strategy: RolloutStrategy;
  readonly steps: readonly RolloutStep[];
  readonly fallbackToStable: boolean;
  /** Longest time for the whole rollout, pauses for a person left out. */
  readonly progressDeadlineMs: number;
  readonly gates: readonly RolloutGate[];
  readonly writeBack: 'commit' | 'branch' | 'none';
  readonly match?: RouteMatch;
  readonly stickyBy?: StickyKey;
  /** How many of the last stable versions take over again without steps. Absent: none. */
  readonly rollbackWindow?: number;
  /** Deployments of the namespace that must serve what Git says before a rollout begins. */
  readonly dependsOn?: readonly ModelName[];
  /** Times in which no rollout begins or goes on. Rollbacks never wait. */
  readonly freeze?: readonly TimeWindow[];
  readonly blastRadius?: BlastRadius;
  /** Whether gateways take a failing candidate out by themselves. Absent: no. */
  readonly breaker?: boolean;
  /** Lets a version be tried that was rolled back. */
  readonly acceptRejected?: boolean;
  /** Any text; another one lets a version be tried that was rolled back. */
  readonly retryToken?: string;
}

/** What a candidate may do at most before it is stable; beyond it, it is rolled back whatever the gates say. */
export interface BlastRadius {
  /** Requests that failed on it. */
  readonly maxErrors?: number;
  /** Requests that it got. */
  readonly maxRequests?: number;
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
  /** Names of signers, one of whom must have signed a version that is served. Absent: nobody must. */
  readonly signedBy?: readonly string[];
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
