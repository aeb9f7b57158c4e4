import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { DeploymentRoute, GatewayFleet, PinnedReadiness, VersionKey } from '#application/rollout';
import type { Readiness } from '#domain/rollout';
import { mergeCounts, NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import type { GatewayControlServer, GatewayReport, RouteSnapshot } from '#generated/slipway/control/v1/control';
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
  #snapshot: RouteSnapshot | undefined;
  #revision: number;

  /** @param firstRevision above every revision that an earlier controller published: the present time in ms does. */
  constructor(firstRevision: number) {
    this.#revision = firstRevision;
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
    this.#snapshot = { revision: BigInt(this.#revision), deployments: routes.map(routeToWire) };
    for (const stream of this.#streams) stream.write(this.#snapshot);
  }

  readinessOf(key: VersionKey): Readiness {
    const attached = [...this.#processes.values()].filter((process) => process.isAttached);
    const states = attached.map((process) => process.readinessOf(key));
    const failed = states.find((state) => state?.kind === 'failed');
    if (failed !== undefined) return failed;
    const isReady = states.length > 0 && states.every((state) => state?.kind === 'ready');
    return isReady ? { kind: 'ready' } : { kind: 'loading' };
  }

  pinnedReadinessOf(key: VersionKey): PinnedReadiness {
    const attached = [...this.#processes.values()].filter((process) => process.isAttached);
    const states = attached.map((process) => process.pinnedReadinessOf(key) ?? ({ kind: 'loading' } as const));
    const worst = (kind: PinnedReadiness['kind']) => states.find((state) => state.kind === kind);
    return worst('failed') ?? worst('loading') ?? worst('sleeping') ?? states[0] ?? { kind: 'loading' };
  }

  trafficOf(key: VersionKey, rolloutId: string): TrafficCounts {
    const counts = [...this.#processes.values()]
      .map((process) => process.trafficOf(key, rolloutId))
      .filter((found) => found !== undefined);
    return counts.reduce(mergeCounts, NO_TRAFFIC);
  }

  trippedBy(rolloutId: string): string | undefined {
    return [...this.#processes.values()].find((process) => process.hasTripped(rolloutId))?.gatewayId;
  }

  onReport(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Ends every stream, so that the server can close. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Drops what was counted in rollouts that are over, and processes that are gone with nothing else to tell. */
  #forget(presentRollouts: ReadonlySet<string>): void {
    for (const [id, process] of this.#processes) {
      const hasCounts = process.forgetAllBut(presentRollouts);
      if (!hasCounts && !process.isAttached) this.#processes.delete(id);
    }
  }

  #attach(stream: GatewayStream): void {
    let process: GatewayProcess | undefined;
    let isOver = false;
    stream.on('data', (report: GatewayReport) => {
      // What a killed gateway had sent may be read after its stream was cancelled: it must not count as attached again.
      if (isOver) return;
      if (report.hello !== undefined) process = this.#greet(stream, report);
      if (process === undefined) {
        const details = 'the first report must carry `hello`';
        stream.emit('error', Object.assign(new Error(details), { code: status.INVALID_ARGUMENT, details }));
        return;
      }
      process.take(report);
      for (const listener of this.#listeners) listener();
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

  #greet(stream: GatewayStream, report: GatewayReport): GatewayProcess {
    const { processId: id = '', gatewayId = '' } = report.hello ?? {};
    const process = this.#processes.get(id) ?? new GatewayProcess(gatewayId);
    process.isAttached = true;
    this.#newest.set(process, stream);
    this.#processes.set(id, process);
    this.#streams.add(stream);
    // A gateway ignores what is older than what it has; after a step back of the clock ours could be.
    this.#revision = Math.max(this.#revision, Number(report.appliedRevision) + 1);
    if (this.#snapshot !== undefined) {
      this.#snapshot = { ...this.#snapshot, revision: BigInt(this.#revision) };
      stream.write(this.#snapshot);
    }
    return process;
  }
}
