import {
  type ChannelCredentials,
  type ChannelOptions,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { PluginStatus } from '#application/plugin';
import type { RuntimeInventory, ServingSet, SlotState, TrafficLedger, VersionReport } from '#application/serving';
import { DomainError } from '#domain/errors';
import {
  GatewayControlClient,
  type GatewayReport,
  type RouteSnapshot,
  type VersionStatus,
  VersionStatus_State,
  type PluginStatus as WirePluginStatus,
} from '#generated/slipway/control/v1/control';
import { ControllerAddresses } from './controller-addresses.ts';
import { toWireInventory } from './inventory.mapper.ts';
import type { LastKnownGoodRoutes } from './last-known-good.ts';
import { toServingSnapshot } from './snapshot.mapper.ts';
import { toTrafficTotals } from './traffic.mapper.ts';

const REPORT_INTERVAL_MS = 100;
/** Errors in a burst share one report. */
const ERROR_REPORT_DELAY_MS = 2;
const RECONNECT_FIRST_MS = 200;
/** A controller that takes over is found within this time. */
const RECONNECT_MAX_MS = 500;
/** A controller that is silent for so long is asked for a sign of life; where there are others, one that was never heard is left. */
const ANSWER_MS = 2000;

/** How far a stream was told what has changed: numbers of changes. */
interface Reported {
  readonly serving: number;
  readonly traffic: number;
}

const NOTHING: Reported = { serving: -1, traffic: 0 };

/** Who this gateway is, and where the controllers are. */
export interface ControlStreamOptions {
  /** One of them leads. */
  readonly controllerAddresses: readonly string[];
  /** Stable across restarts. */
  readonly gatewayId: string;
  /** New for every process. */
  readonly processId: string;
  readonly softwareVersion: string;
  /** What this gateway can run models with. */
  readonly inventory: RuntimeInventory;
  /** API key or token that is shown to the controllers; absent: none. */
  readonly credential?: string | undefined;
  /** How an address is reached; without it in the clear. */
  readonly channelTo?: (address: string) => ControllerChannel;
}

/** How a controller is reached. */
export interface ControllerChannel {
  /** Host and port. */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/** What the stream works on. */
export interface ControlStreamParts {
  readonly servingSet: ServingSet;
  readonly ledger: TrafficLedger;
  readonly lastKnownGood: LastKnownGoodRoutes;
  /** What this gateway's plugins do now; absent: it runs none. */
  readonly plugins?: () => readonly PluginStatus[];
  readonly onWarning: (message: string, error?: unknown) => void;
}

/**
 * The gateway's side of slipway.control.v1.GatewayControl: takes route snapshots, reports readiness and totals. The controller may
 * come and go; the routes that were applied last stay in force.
 */
export class ControlStream {
  readonly #options: ControlStreamOptions;
  readonly #parts: ControlStreamParts;
  readonly #controllers: ControllerAddresses;
  readonly #clients: ReadonlyMap<string, GatewayControlClient>;
  /** What is shown with every stream. */
  readonly #metadata: Metadata;
  readonly #timer: NodeJS.Timeout;
  #stream: ClientDuplexStream<GatewayReport, RouteSnapshot> | undefined;
  #reconnectMs = RECONNECT_FIRST_MS;
  #reported = NOTHING;
  #reportedPlugins = '';
  #soon: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Why controllers refused this gateway, as far as that was told since one took it. */
  readonly #toldRefusals = new Set<string>();

  /** @throws INPUT_INVALID when the credential cannot be one. */
  constructor(options: ControlStreamOptions, parts: ControlStreamParts) {
    this.#options = options;
    this.#parts = parts;
    this.#metadata = metadataOf(options);
    this.#controllers = new ControllerAddresses(options.controllerAddresses);
    const { channelTo = inTheClear } = options;
    this.#clients = new Map(options.controllerAddresses.map((address) => [address, clientOf(channelTo(address))]));
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
    for (const client of this.#clients.values()) client.close();
    return this.#keeping;
  }

  #attach(): void {
    const stream = this.#isClosed ? undefined : this.#clients.get(this.#controllers.current)?.attach(this.#metadata);
    if (stream === undefined) return;
    this.#stream = stream;
    this.#reported = NOTHING;
    const { gatewayId, processId, softwareVersion } = this.#options;
    const inventory = toWireInventory(this.#options.inventory);
    stream.write({ ...this.#report(), hello: { gatewayId, processId, softwareVersion, inventory } });
    const silence = this.#controllers.areSeveral ? setTimeout(() => stream.cancel(), ANSWER_MS) : undefined;
    stream.on('data', (snapshot: RouteSnapshot) => {
      clearTimeout(silence);
      if (this.#isOfThePast(snapshot)) {
        stream.cancel();
        return;
      }
      this.#reconnectMs = RECONNECT_FIRST_MS;
      this.#controllers.answered();
      this.#toldRefusals.clear();
      this.#take(snapshot);
    });
    let isOver = false;
    const leave = (error?: Error) => {
      clearTimeout(silence);
      if (isOver || this.#isClosed) return;
      isOver = true;
      this.#stream = undefined;
      this.#tryNext(error);
    };
    stream.on('error', leave);
    stream.on('end', leave);
  }

  #tryNext(error: Error | undefined): void {
    const isRefused = this.#tellRefusal(error);
    if (!this.#controllers.moveOn()) {
      setImmediate(() => this.#attach());
      return;
    }
    if (error !== undefined && !isRefused)
      this.#parts.onWarning('the controller cannot be reached; routing goes on as it is', error);
    const pauseMs = this.#reconnectMs * (0.5 + Math.random());
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, RECONNECT_MAX_MS);
    setTimeout(() => this.#attach(), pauseMs).unref();
  }

  /** Tells once that a controller refuses this gateway for what it shows, or does not show. Answers whether it does. */
  #tellRefusal(error: Error | undefined): boolean {
    const { code, details = '' } = (error ?? {}) as Partial<ServiceError>;
    if (code !== status.UNAUTHENTICATED && code !== status.PERMISSION_DENIED) return false;
    if (!this.#toldRefusals.has(details)) {
      this.#toldRefusals.add(details);
      const advice = 'give it a key that may gateway.attach, as SLIPWAY_CONTROLLER_KEY';
      this.#parts.onWarning(`the controller refuses this gateway; routing goes on as it is; ${advice}`, error);
    }
    return true;
  }

  /** Of a controller that does not know yet that another one leads. */
  #isOfThePast({ epoch }: RouteSnapshot): boolean {
    return Number(epoch) < (this.#parts.servingSet.snapshot.epoch ?? 0);
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
    if (taken) this.#parts.ledger.keepOnly(snapshot.deployments);
    return taken;
  }

  #reportChanges(): void {
    if (this.#stream === undefined) return;
    const { servingSet, ledger } = this.#parts;
    const isUnchanged = this.#reported.serving === servingSet.changes && this.#reported.traffic === ledger.changes;
    if (!isUnchanged || this.#reportedPlugins !== this.#pluginNews()) this.#stream.write(this.#report());
  }

  /** Differs when there is something to report; what a plugin answers well is told with the next other news. */
  #pluginNews(): string {
    const told = this.#parts.plugins?.().map(({ state, failures, losses }) => `${state} ${failures} ${losses}`);
    return told?.join() ?? '';
  }

  /** What the stream was not told yet. */
  #report(): GatewayReport {
    const { servingSet, ledger } = this.#parts;
    const before = this.#reported;
    this.#reported = { serving: servingSet.changes, traffic: ledger.changes };
    this.#reportedPlugins = this.#pluginNews();
    const versionsUnchanged = before.serving === servingSet.changes;
    return {
      hello: undefined,
      appliedRevision: BigInt(servingSet.snapshot.revision),
      versionsUnchanged,
      versions: versionsUnchanged ? [] : servingSet.reports.map(versionStatus),
      traffic: ledger.totalsSince(before.traffic).map(toTrafficTotals),
      trippedRolloutIds: [...servingSet.takenOut],
      plugins: (this.#parts.plugins?.() ?? []).map(toPluginStatus),
    };
  }
}

function metadataOf({ credential }: ControlStreamOptions): Metadata {
  const metadata = new Metadata();
  if (credential === undefined) return metadata;
  // The library would say so with each attempt, and say the credential, too.
  if (!/^[!-~]+$/.test(credential))
    throw new DomainError('INPUT_INVALID', 'SLIPWAY_CONTROLLER_KEY has characters that are in no API key and no token');
  metadata.set('authorization', `Bearer ${credential}`);
  return metadata;
}

function inTheClear(address: string): ControllerChannel {
  return { target: address, credentials: credentials.createInsecure(), options: {} };
}

function clientOf({ target, credentials: shown, options }: ControllerChannel): GatewayControlClient {
  return new GatewayControlClient(target, shown, {
    ...options,
    // A leader that hangs, or whose machine is gone, is left as soon as another one can have taken over.
    'grpc.keepalive_time_ms': ANSWER_MS,
    'grpc.keepalive_timeout_ms': ANSWER_MS,
    // The library would wait for up to two minutes before it connects again.
    'grpc.initial_reconnect_backoff_ms': RECONNECT_FIRST_MS,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
  });
}

function toPluginStatus({ calls, failures, losses, lastError, ...status }: PluginStatus): WirePluginStatus {
  return {
    ...status,
    calls: BigInt(calls),
    failures: BigInt(failures),
    losses: BigInt(losses),
    lastError: lastError?.message ?? '',
    lastErrorAtMs: BigInt(Math.round(lastError?.atMs ?? 0)),
  };
}

/** A version that is closed is not reported any more. */
const WIRE_STATES: Record<SlotState['kind'], VersionStatus_State> = {
  loading: VersionStatus_State.LOADING,
  ready: VersionStatus_State.READY,
  failed: VersionStatus_State.FAILED,
  sleeping: VersionStatus_State.SLEEPING,
  closed: VersionStatus_State.LOADING,
};

function versionStatus({ namespace, deployment, build, role, state, variant }: VersionReport): VersionStatus {
  return {
    namespace,
    deployment,
    build,
    state: WIRE_STATES[state.kind],
    errorCode: state.kind === 'failed' ? state.code : '',
    errorMessage: state.kind === 'failed' ? state.message : '',
    variant,
    isPinned: role === 'pinned',
  };
}
