import { type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import type { ServingSet, SlotState, TrafficLedger, VersionReport } from '#application/serving';
import {
  GatewayControlClient,
  type GatewayReport,
  type RouteSnapshot,
  type VersionStatus,
  VersionStatus_State,
} from '#generated/slipway/control/v1/control';
import type { LastKnownGoodRoutes } from './last-known-good.ts';
import { toServingSnapshot } from './snapshot.mapper.ts';
import { toTrafficTotals } from './traffic.mapper.ts';

const REPORT_INTERVAL_MS = 100;
/** Errors in a burst share one report. */
const ERROR_REPORT_DELAY_MS = 2;
const RECONNECT_FIRST_MS = 200;
/** A controller that is back decides on rollouts only with what the gateways counted: they must not be long. */
const RECONNECT_MAX_MS = 1000;

/** How far a stream was told what has changed: numbers of changes. */
interface Reported {
  readonly serving: number;
  readonly traffic: number;
}

const NOTHING: Reported = { serving: -1, traffic: 0 };

/** Who this gateway is, and where the controller is. */
export interface ControlStreamOptions {
  readonly controllerAddress: string;
  /** Stable across restarts. */
  readonly gatewayId: string;
  /** New for every process. */
  readonly processId: string;
  readonly softwareVersion: string;
}

/** What the stream works on. */
export interface ControlStreamParts {
  readonly servingSet: ServingSet;
  readonly ledger: TrafficLedger;
  readonly lastKnownGood: LastKnownGoodRoutes;
  readonly onWarning: (message: string, error?: unknown) => void;
}

/**
 * The gateway's side of slipway.control.v1.GatewayControl: takes route snapshots, reports readiness and totals. The controller may
 * come and go; the routes that were applied last stay in force.
 */
export class ControlStream {
  readonly #options: ControlStreamOptions;
  readonly #parts: ControlStreamParts;
  readonly #client: GatewayControlClient;
  readonly #timer: NodeJS.Timeout;
  #stream: ClientDuplexStream<GatewayReport, RouteSnapshot> | undefined;
  #reconnectMs = RECONNECT_FIRST_MS;
  #reported = NOTHING;
  /** Of each deployment the rollout that was counted last. */
  #rollouts: ReadonlyMap<string, string> = new Map();
  #soon: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ControlStreamOptions, parts: ControlStreamParts) {
    this.#options = options;
    this.#parts = parts;
    this.#client = new GatewayControlClient(options.controllerAddress, credentials.createInsecure(), {
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5000,
      // Below the pauses between two calls: those are what is waited for.
      'grpc.initial_reconnect_backoff_ms': RECONNECT_FIRST_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
    });
    this.#timer = setInterval(() => this.#reportChanges(), REPORT_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Serves the last known good routes, if there are any, and begins to attach. */
  start(): void {
    const kept = this.#parts.lastKnownGood.read();
    if (kept !== undefined) this.#apply(kept);
    this.#attach();
  }

  /** Reports at once, a state of a version having changed. */
  reportNow(): void {
    this.#reportChanges();
  }

  /** Reports within milliseconds, an error having been counted. */
  reportSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#reportChanges();
    }, ERROR_REPORT_DELAY_MS);
  }

  /** Ends when the newest routes are on disk. */
  close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#stream?.end();
    this.#client.close();
    return this.#keeping;
  }

  #attach(): void {
    if (this.#isClosed) return;
    const stream = this.#client.attach();
    this.#stream = stream;
    this.#reported = NOTHING;
    const { gatewayId, processId, softwareVersion } = this.#options;
    stream.write({ ...this.#report(), hello: { gatewayId, processId, softwareVersion } });
    stream.on('data', (snapshot: RouteSnapshot) => {
      this.#reconnectMs = RECONNECT_FIRST_MS;
      this.#take(snapshot);
    });
    let isOver = false;
    const reconnect = () => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#stream = undefined;
      const pauseMs = this.#reconnectMs * (0.5 + Math.random());
      this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MAX_MS);
      setTimeout(() => this.#attach(), pauseMs).unref();
    };
    stream.on('error', (error) => {
      if (!this.#isClosed) this.#parts.onWarning('the controller cannot be reached; routing goes on as it is', error);
      reconnect();
    });
    stream.on('end', reconnect);
  }

  #take(snapshot: RouteSnapshot): void {
    try {
      if (!this.#apply(snapshot)) return;
      this.#keep(snapshot);
    } catch (error) {
      this.#parts.onWarning('a snapshot of the controller cannot be used; the one before stays in force', error);
    }
    this.#reportChanges();
  }

  #keep(snapshot: RouteSnapshot): void {
    this.#keeping = this.#parts.lastKnownGood.write(snapshot).catch((error: unknown) => {
      this.#parts.onWarning('routes cannot be kept on disk; after a restart older ones would be in force', error);
    });
  }

  #apply(snapshot: RouteSnapshot): boolean {
    const taken = this.#parts.servingSet.apply(toServingSnapshot(snapshot));
    if (taken) this.#parts.ledger.keepOnly(this.#rolloutsToKeep(snapshot));
    return taken;
  }

  /**
   * Of each deployment the present rollout, and at rest the last one: a controller that was killed before it could write down how that
   * ended comes to the same decision again by the counts.
   */
  #rolloutsToKeep({ deployments }: RouteSnapshot): ReadonlySet<string> {
    const before = this.#rollouts;
    this.#rollouts = new Map(
      deployments.map(({ namespace, name, rolloutId }) => {
        const deployment = `${namespace}/${name}`;
        return [deployment, rolloutId === '' ? (before.get(deployment) ?? '') : rolloutId];
      }),
    );
    return new Set(this.#rollouts.values());
  }

  #reportChanges(): void {
    if (this.#stream === undefined) return;
    const { servingSet, ledger } = this.#parts;
    const isUnchanged = this.#reported.serving === servingSet.changes && this.#reported.traffic === ledger.changes;
    if (!isUnchanged) this.#stream.write(this.#report());
  }

  /** What the stream was not told yet. */
  #report(): GatewayReport {
    const { servingSet, ledger } = this.#parts;
    const before = this.#reported;
    this.#reported = { serving: servingSet.changes, traffic: ledger.changes };
    const versionsUnchanged = before.serving === servingSet.changes;
    return {
      hello: undefined,
      appliedRevision: BigInt(servingSet.snapshot.revision),
      versionsUnchanged,
      versions: versionsUnchanged ? [] : servingSet.reports.map(versionStatus),
      traffic: ledger.totalsSince(before.traffic).map(toTrafficTotals),
      trippedRolloutIds: [...servingSet.takenOut],
    };
  }
}

/** A version that is closed is not reported any more. */
const WIRE_STATES: Record<SlotState['kind'], VersionStatus_State> = {
  loading: VersionStatus_State.LOADING,
  ready: VersionStatus_State.READY,
  failed: VersionStatus_State.FAILED,
  sleeping: VersionStatus_State.SLEEPING,
  closed: VersionStatus_State.LOADING,
};

function versionStatus({ namespace, deployment, version, isPinned, state, variant }: VersionReport): VersionStatus {
  return {
    namespace,
    deployment,
    version,
    state: WIRE_STATES[state.kind],
    errorCode: state.kind === 'failed' ? state.code : '',
    errorMessage: state.kind === 'failed' ? state.message : '',
    variant,
    isPinned,
  };
}
