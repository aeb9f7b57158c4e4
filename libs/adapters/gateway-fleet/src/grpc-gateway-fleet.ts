import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { BuildKey, DeploymentRoute, GatewayFleet, PinnedReadiness } from '#application/rollout';
import type { Readiness } from '#domain/rollout';
import { mergeCounts, NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import type {
  GatewayControlServer,
  GatewayHello,
  GatewayReport,
  PluginStatus,
  RouteSnapshot,
  RuntimeInventory,
  DeploymentRoute as WireRoute,
} from '#generated/slipway/control/v1/control';
import { GatewayProcess } from './gateway-process.ts';
import { routeToWire } from './route-to-wire.ts';

type GatewayStream = ServerDuplexStream<GatewayReport, RouteSnapshot>;

/** The gateways, as the server side of slipway.control.v1.GatewayControl. */
export class GrpcGatewayFleet implements GatewayFleet {
  readonly #processes = new Map<string, GatewayProcess>();
  readonly #streams = new Set<GatewayStream>();
  /** The stream by which a process attached last. */
  readonly #newest = new WeakMap<GatewayProcess, GatewayStream>();
  readonly #listeners: (() => void)[] = [];
  /** A route that did not change is the same object, and there may be thousands. */
  readonly #wire = new WeakMap<DeploymentRoute, WireRoute>();
  #snapshot: RouteSnapshot | undefined;
  #revision: number;
  #epoch = 0n;
  /** Why gateways are sent away, at this moment; absent while they are taken. */
  #refusal: (() => string) | undefined;

  /** @param firstRevision above every revision that an earlier controller published: the present time in ms does. */
  constructor(firstRevision: number) {
    this.#revision = firstRevision;
  }

  /** Begins a term: what is published from now on carries its epoch. */
  beginTerm(epoch: number): void {
    this.#epoch = BigInt(epoch);
  }

  /** Takes gateways; they get what is published already. */
  admit(): void {
    this.#refusal = undefined;
  }

  /** Sends the gateways away, those that are attached and those that come, until they are admitted: another controller leads. */
  refuse(reason: () => string): void {
    this.#refusal = reason;
    this.#snapshot = undefined;
    this.#processes.clear();
    this.disperse(reason());
  }

  /** Ends every stream, so that gateways ask the other controllers that they know; they may come back. */
  disperse(reason: string): void {
    for (const stream of [...this.#streams]) endWith(stream, status.UNAVAILABLE, reason);
  }

  /** The service's implementation, to be added to a gRPC server. */
  readonly service: GatewayControlServer = {
    attach: (stream: GatewayStream) => this.#attach(stream),
  };

  get attachedCount(): number {
    return this.#streams.size;
  }

  publish(routes: readonly DeploymentRoute[]): void {
    this.#revision += 1;
    this.#forget(new Set(routes.map((route) => route.rolloutId)));
    this.#snapshot = {
      revision: BigInt(this.#revision),
      deployments: routes.map((route) => this.#wireOf(route)),
      epoch: this.#epoch,
    };
    for (const stream of this.#streams) stream.write(this.#snapshot);
  }

  readinessOf(key: BuildKey): Readiness {
    const states = this.#attached.map((process) => process.readinessOf(key));
    const failed = states.find((state) => state?.kind === 'failed');
    if (failed !== undefined) return failed;
    const isReady = states.length > 0 && states.every((state) => state?.kind === 'ready');
    return isReady ? { kind: 'ready' } : { kind: 'loading' };
  }

  pinnedReadinessOf(key: BuildKey): PinnedReadiness {
    const states = this.#attached.map((process) => process.pinnedReadinessOf(key) ?? ({ kind: 'loading' } as const));
    const worst = (kind: PinnedReadiness['kind']) => states.find((state) => state.kind === kind);
    return worst('failed') ?? worst('loading') ?? worst('sleeping') ?? states[0] ?? { kind: 'loading' };
  }

  trafficOf(key: BuildKey, rolloutId: string): TrafficCounts {
    const counts = [...this.#processes.values()]
      .map((process) => process.trafficOf(key, rolloutId))
      .filter((found) => found !== undefined);
    return counts.reduce(mergeCounts, NO_TRAFFIC);
  }

  trippedBy(rolloutId: string): string | undefined {
    return [...this.#processes.values()].find((process) => process.hasTripped(rolloutId))?.gatewayId;
  }

  /** What every attached gateway runs of plugins, as it reported last. */
  get plugins(): readonly { readonly gatewayId: string; readonly status: PluginStatus }[] {
    return this.#attached.flatMap(({ gatewayId, plugins }) => plugins.map((status) => ({ gatewayId, status })));
  }

  /** What every attached gateway that tells can run models with. */
  get inventories(): readonly { readonly gatewayId: string; readonly inventory: RuntimeInventory }[] {
    return this.#attached.flatMap(({ gatewayId, inventory }) =>
      inventory === undefined ? [] : [{ gatewayId, inventory }],
    );
  }

  onReport(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Ends every stream, so that the server can close. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  get #attached(): GatewayProcess[] {
    return [...this.#processes.values()].filter(({ isAttached }) => isAttached);
  }

  #wireOf(route: DeploymentRoute): WireRoute {
    const known = this.#wire.get(route) ?? routeToWire(route);
    this.#wire.set(route, known);
    return known;
  }

  /** Drops what was counted in rollouts that are over, and processes that are gone with nothing else to tell. */
  #forget(presentRollouts: ReadonlySet<string>): void {
    for (const [id, process] of this.#processes) {
      const hasCounts = process.forgetAllBut(presentRollouts);
      if (!hasCounts && !process.isAttached) this.#processes.delete(id);
    }
  }

  #attach(stream: GatewayStream): void {
    if (this.#refusal !== undefined) {
      endWith(stream, status.UNAVAILABLE, this.#refusal());
      return;
    }
    let process: GatewayProcess | undefined;
    let isOver = false;
    stream.on('data', (report: GatewayReport) => {
      // What a killed gateway had sent may be read after its stream was cancelled: it must not count as attached again.
      if (isOver) return;
      if (report.hello !== undefined) process = this.#processOf(stream, report.hello);
      if (process === undefined) {
        endWith(stream, status.INVALID_ARGUMENT, 'the first report must carry `hello`');
        return;
      }
      process.take(report);
      for (const listener of this.#listeners) listener();
      // After what its first report leads to: a decision that an earlier controller did not live to record is made again before.
      if (report.hello !== undefined) this.#greet(stream, report);
    });
    const detach = () => {
      isOver = true;
      this.#streams.delete(stream);
      // One that attached by another stream in the meantime stays.
      if (process !== undefined && this.#newest.get(process) === stream) process.isAttached = false;
      for (const listener of this.#listeners) listener();
    };
    stream.on('end', () => {
      detach();
      stream.end();
    });
    stream.on('error', detach);
    stream.on('cancelled', detach);
  }

  #processOf(stream: GatewayStream, { processId, gatewayId }: GatewayHello): GatewayProcess {
    const process = this.#processes.get(processId) ?? new GatewayProcess(gatewayId);
    process.isAttached = true;
    this.#newest.set(process, stream);
    this.#processes.set(processId, process);
    return process;
  }

  #greet(stream: GatewayStream, report: GatewayReport): void {
    this.#streams.add(stream);
    // A gateway ignores what is older than what it has; after a step back of the clock ours could be.
    this.#revision = Math.max(this.#revision, Number(report.appliedRevision) + 1);
    if (this.#snapshot === undefined) return;
    this.#snapshot = { ...this.#snapshot, revision: BigInt(this.#revision) };
    stream.write(this.#snapshot);
  }
}

function endWith(stream: GatewayStream, code: status, details: string): void {
  stream.emit('error', Object.assign(new Error(details), { code, details }));
}
