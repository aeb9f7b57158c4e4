import type { EnsembleSpec } from '#domain/ensemble';
import type { ServingOptions } from '#domain/inference';
import type { Readiness, ServableVersion } from '#domain/rollout';
import type { DeploymentAttributes, RouteMatch, StickyKey } from '#domain/routing';
import type { Breaker, TrafficCounts, TrafficWatch } from '#domain/traffic';

/** What the gateways shall do for one deployment. */
export interface DeploymentRoute {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: DeploymentAttributes;
  readonly stable: RoutedVersion | undefined;
  readonly candidate: RoutedVersion | undefined;
  /** Served to requests that name them. */
  readonly pinned: readonly RoutedVersion[];
  readonly candidateWeightPercent: number;
  /** Percent of stable's requests of which the candidate gets a copy. */
  readonly mirrorPercent: number;
  readonly match: RouteMatch | undefined;
  readonly stickyBy: StickyKey | undefined;
  readonly watch: TrafficWatch;
  /** Absent: the gateways leave it to the controller to take a candidate out. */
  readonly breaker: Breaker | undefined;
  readonly rolloutId: string;
  readonly fallbackToStable: boolean;
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  readonly serving: ServingOptions;
}

/** A version to hold, and which of its variants may serve, the preferred one first. */
export interface RoutedVersion {
  readonly servable: ServableVersion;
  /** What answers instead of a variant; absent for the version of a model. */
  readonly ensemble?: EnsembleSpec | undefined;
  readonly variants: readonly string[] | undefined;
}

/** Names what is served for one deployment on the gateways. */
export interface BuildKey {
  readonly namespace: string;
  readonly name: string;
  /** By its `buildName`: the number of a version would not tell it from another build of that version. */
  readonly build: string;
}

/** The state of a version that is served by name, over all attached gateways. */
export type PinnedReadiness =
  | Readiness
  /** Every gateway that has it loads it at its first request. */
  | { readonly kind: 'sleeping' };

/**
 * The attached gateways.
 *
 * 1. `publish` returns at once; every attached gateway gets the newest routes, later ones when they attach.
 * 2. Counts are totals over all gateway processes that reported, each counted once; they never fall within a rollout.
 * 3. A build is ready when every attached gateway has it ready, and there is at least one; failed when any failed.
 * 4. What a gateway tells of a version that is served by name counts for `pinnedReadinessOf` alone: its failure fails no rollout.
 */
export interface GatewayFleet {
  publish(routes: readonly DeploymentRoute[]): void;
  readinessOf(key: BuildKey): Readiness;
  pinnedReadinessOf(key: BuildKey): PinnedReadiness;
  trafficOf(key: BuildKey, rolloutId: string): TrafficCounts;
  /** Id of a gateway that took the rollout's candidate out by itself; `undefined` while none did. */
  trippedBy(rolloutId: string): string | undefined;
  /** Gateways that are attached now. */
  readonly attachedCount: number;
  /** Registers what to call after each report of a gateway. */
  onReport(listener: () => void): void;
}
