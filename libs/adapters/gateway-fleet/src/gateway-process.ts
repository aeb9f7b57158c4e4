import type { BuildKey, PinnedReadiness } from '#application/rollout';
import type { Readiness } from '#domain/rollout';
import type { TrafficCounts } from '#domain/traffic';
import {
  type GatewayReport,
  type PluginStatus,
  type RuntimeInventory,
  type TrafficTotals,
  type VersionStatus,
  VersionStatus_State,
} from '#generated/slipway/control/v1/control';
import { trafficFromWire } from './traffic-from-wire.ts';

interface ReportedTraffic {
  /** The gateway's count of changes when these were sent. */
  readonly change: bigint;
  readonly counts: TrafficCounts;
}

/** One gateway process that reported; kept after it detached, because its counts happened. */
export class GatewayProcess {
  readonly gatewayId: string;
  isAttached = true;
  /** As it reported last. */
  plugins: readonly PluginStatus[] = [];
  /** What it can run models with; `undefined` of a gateway that does not tell. */
  inventory: RuntimeInventory | undefined;
  readonly #readiness = new Map<string, Readiness>();
  /** Of versions that are served by name. */
  readonly #pinned = new Map<string, PinnedReadiness>();
  /** By rollout and build. */
  readonly #traffic = new Map<string, Map<string, ReportedTraffic>>();
  readonly #tripped = new Set<string>();

  constructor(gatewayId: string) {
    this.gatewayId = gatewayId;
  }

  /** Takes a report in; the same or an older one again changes no counts. */
  take({ hello, versions, versionsUnchanged, traffic, trippedRolloutIds, plugins }: GatewayReport): void {
    if (hello !== undefined) this.inventory = hello.inventory;
    this.plugins = plugins;
    if (!versionsUnchanged) this.#takeVersions(versions);
    for (const totals of traffic) this.#takeTraffic(totals);
    for (const rolloutId of trippedRolloutIds) this.#tripped.add(rolloutId);
  }

  readinessOf(key: BuildKey): Readiness | undefined {
    return this.#readiness.get(buildId(key));
  }

  pinnedReadinessOf(key: BuildKey): PinnedReadiness | undefined {
    return this.#pinned.get(buildId(key));
  }

  trafficOf(key: BuildKey, rolloutId: string): TrafficCounts | undefined {
    return this.#traffic.get(rolloutId)?.get(buildId(key))?.counts;
  }

  /** Whether it took the rollout's candidate out by itself. */
  hasTripped(rolloutId: string): boolean {
    return this.#tripped.has(rolloutId);
  }

  /** Drops what it counted in rollouts that are over; answers whether anything is left. */
  forgetAllBut(rolloutIds: ReadonlySet<string>): boolean {
    for (const rolloutId of this.#traffic.keys()) if (!rolloutIds.has(rolloutId)) this.#traffic.delete(rolloutId);
    for (const rolloutId of this.#tripped) if (!rolloutIds.has(rolloutId)) this.#tripped.delete(rolloutId);
    return this.#traffic.size > 0;
  }

  #takeVersions(versions: readonly VersionStatus[]): void {
    this.#readiness.clear();
    this.#pinned.clear();
    for (const version of versions) {
      const id = buildId({ namespace: version.namespace, name: version.deployment, build: version.build });
      const state = stateOf(version);
      if (version.isPinned) this.#pinned.set(id, state);
      // A stable version that sleeps answers, late: to a rollout that is ready.
      else this.#readiness.set(id, state.kind === 'sleeping' ? { kind: 'ready' } : state);
    }
  }

  #takeTraffic(totals: TrafficTotals): void {
    const { rolloutId, namespace, deployment: name, build, change } = totals;
    let ofRollout = this.#traffic.get(rolloutId);
    if (ofRollout === undefined) {
      ofRollout = new Map();
      this.#traffic.set(rolloutId, ofRollout);
    }
    const id = buildId({ namespace, name, build });
    const known = ofRollout.get(id);
    if (known !== undefined && known.change > change) return;
    ofRollout.set(id, { change, counts: trafficFromWire(totals) });
  }
}

function stateOf({ state, errorCode, errorMessage }: VersionStatus): PinnedReadiness {
  switch (state) {
    case VersionStatus_State.READY:
      return { kind: 'ready' };
    case VersionStatus_State.SLEEPING:
      return { kind: 'sleeping' };
    case VersionStatus_State.FAILED:
      return { kind: 'failed', error: `${errorCode}: ${errorMessage}` };
    default:
      return { kind: 'loading' };
  }
}

function buildId({ namespace, name, build }: BuildKey): string {
  return `${namespace}/${name}/${build}`;
}
