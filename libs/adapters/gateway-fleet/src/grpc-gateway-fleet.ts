import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { DeploymentRoute, GatewayFleet, PinnedReadiness, RoutedVersion, VersionKey } from '#application/rollout';
import type { ServingOptions } from '#domain/inference';
import { NO_TRAFFIC, type Readiness, type TrafficCounts } from '#domain/rollout';
import {
  type GatewayControlServer,
  type GatewayReport,
  type RouteSnapshot,
  type ServedVersion,
  type TrafficTotals,
  type VersionStatus,
  VersionStatus_State,
  type DeploymentRoute as WireRoute,
  type ServingOptions as WireServingOptions,
} from '#generated/slipway/control/v1/control';
import { ensembleToWire } from './ensemble-to-wire.ts';

type GatewayStream = ServerDuplexStream<GatewayReport, RouteSnapshot>;

/** One gateway process that reported; kept after it detached, because its counts happened. */
interface GatewayProcess {
  readonly readiness: Map<string, Readiness>;
  /** Of versions that are served by name. */
  readonly pinned: Map<string, PinnedReadiness>;
  readonly traffic: Map<string, TrafficCounts>;
  isAttached: boolean;
  /** By which it reported last; the end of an earlier one means nothing. */
  stream: GatewayStream | undefined;
}

/** The gateways, as the server side of slipway.control.v1.GatewayControl. */
export class GrpcGatewayFleet implements GatewayFleet {
  readonly #processes = new Map<string, GatewayProcess>();
  readonly #streams = new Set<GatewayStream>();
  readonly #listeners: (() => void)[] = [];
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
    this.#snapshot = { revision: BigInt(this.#revision), deployments: routes.map(toWire), epoch: this.#epoch };
    for (const stream of this.#streams) stream.write(this.#snapshot);
  }

  readinessOf(key: VersionKey): Readiness {
    const attached = [...this.#processes.values()].filter((process) => process.isAttached);
    const states = attached.map((process) => process.readiness.get(versionId(key)));
    const failed = states.find((state) => state?.kind === 'failed');
    if (failed !== undefined) return failed;
    const isReady = states.length > 0 && states.every((state) => state?.kind === 'ready');
    return isReady ? { kind: 'ready' } : { kind: 'loading' };
  }

  pinnedReadinessOf(key: VersionKey): PinnedReadiness {
    const attached = [...this.#processes.values()].filter((process) => process.isAttached);
    const states = attached.map((process) => process.pinned.get(versionId(key)) ?? ({ kind: 'loading' } as const));
    const worst = (kind: PinnedReadiness['kind']) => states.find((state) => state.kind === kind);
    return worst('failed') ?? worst('loading') ?? worst('sleeping') ?? states[0] ?? { kind: 'loading' };
  }

  trafficOf(key: VersionKey, rolloutId: string): TrafficCounts {
    const id = trafficId(rolloutId, key);
    const counts = [...this.#processes.values()]
      .map((process) => process.traffic.get(id))
      .filter((found) => found !== undefined);
    return counts.reduce(merge, NO_TRAFFIC);
  }

  onReport(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Ends every stream, so that the server can close. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Drops what processes that are gone counted in rollouts that are over. */
  #forget(presentRollouts: ReadonlySet<string>): void {
    for (const [id, process] of this.#processes) {
      if (process.isAttached) continue;
      for (const key of process.traffic.keys()) {
        if (!presentRollouts.has(key.split(' ')[0] ?? '')) process.traffic.delete(key);
      }
      if (process.traffic.size === 0) this.#processes.delete(id);
    }
  }

  #attach(stream: GatewayStream): void {
    if (this.#refusal !== undefined) {
      endWith(stream, status.UNAVAILABLE, this.#refusal());
      return;
    }
    let process: GatewayProcess | undefined;
    stream.on('data', (report: GatewayReport) => {
      if (report.hello !== undefined) process = this.#processOf(stream, report.hello.processId);
      if (process === undefined) {
        endWith(stream, status.INVALID_ARGUMENT, 'the first report must carry `hello`');
        return;
      }
      take(process, report);
      for (const listener of this.#listeners) listener();
      // After what its first report leads to: a decision that an earlier controller did not live to record is made again before.
      if (report.hello !== undefined) this.#greet(stream, report);
    });
    const detach = () => {
      this.#streams.delete(stream);
      if (process?.stream === stream) process.isAttached = false;
      for (const listener of this.#listeners) listener();
    };
    stream.on('end', () => {
      detach();
      stream.end();
    });
    stream.on('error', detach);
    stream.on('cancelled', detach);
  }

  #processOf(stream: GatewayStream, id: string): GatewayProcess {
    const process = this.#processes.get(id) ?? newProcess();
    process.isAttached = true;
    process.stream = stream;
    this.#processes.set(id, process);
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

function newProcess(): GatewayProcess {
  return { readiness: new Map(), pinned: new Map(), traffic: new Map(), isAttached: true, stream: undefined };
}

function take(process: GatewayProcess, report: GatewayReport): void {
  process.readiness.clear();
  process.pinned.clear();
  for (const version of report.versions) {
    const id = versionId({ namespace: version.namespace, name: version.deployment, version: version.version });
    const state = stateOf(version);
    if (version.isPinned) process.pinned.set(id, state);
    // A stable version that sleeps answers, late: to a rollout that is ready.
    else process.readiness.set(id, state.kind === 'sleeping' ? { kind: 'ready' } : state);
  }
  for (const totals of report.traffic) {
    const key = { namespace: totals.namespace, name: totals.deployment, version: totals.version };
    process.traffic.set(trafficId(totals.rolloutId, key), countsOf(totals));
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

function countsOf(totals: TrafficTotals): TrafficCounts {
  return {
    requests: Number(totals.requests),
    serverErrors: Number(totals.serverErrors),
    ...(totals.firstErrorAtMs === 0n ? {} : { firstErrorAtMs: Number(totals.firstErrorAtMs) }),
    ...(totals.lastError === '' ? {} : { lastError: totals.lastError }),
  };
}

function merge(left: TrafficCounts, right: TrafficCounts): TrafficCounts {
  const firstErrors = [left.firstErrorAtMs, right.firstErrorAtMs].filter((at) => at !== undefined);
  const lastError = right.lastError ?? left.lastError;
  return {
    requests: left.requests + right.requests,
    serverErrors: left.serverErrors + right.serverErrors,
    ...(firstErrors.length === 0 ? {} : { firstErrorAtMs: Math.min(...firstErrors) }),
    ...(lastError === undefined ? {} : { lastError }),
  };
}

function versionId({ namespace, name, version }: VersionKey): string {
  return `${namespace}/${name}/${version}`;
}

function trafficId(rolloutId: string, key: VersionKey): string {
  return `${rolloutId} ${versionId(key)}`;
}

function toWire(route: DeploymentRoute): WireRoute {
  return {
    namespace: route.namespace,
    name: route.name,
    stable: route.stable && versionToWire(route.stable),
    candidate: route.candidate && versionToWire(route.candidate),
    pinned: route.pinned.map(versionToWire),
    candidateWeightPercent: route.candidateWeightPercent,
    rolloutId: route.rolloutId,
    fallbackToStable: route.fallbackToStable,
    deadlineMs: route.deadlineMs,
    maxConcurrency: route.maxConcurrency,
    serving: servingToWire(route.serving),
  };
}

function versionToWire({ servable, ensemble, variants }: RoutedVersion): ServedVersion {
  const specs = (list: typeof servable.signature.inputs) =>
    list.map((spec) => ({ name: spec.name, datatype: spec.datatype, shape: spec.shape.map(BigInt) }));
  const nameOf = (variant: (typeof servable.variants)[number]) => `${variant.target}/${variant.precision}`;
  const preferred =
    variants === undefined
      ? servable.variants
      : variants.flatMap((wanted) => servable.variants.filter((variant) => nameOf(variant) === wanted));
  return {
    modelNamespace: servable.namespace,
    model: servable.model,
    version: servable.version,
    inputs: specs(servable.signature.inputs),
    outputs: specs(servable.signature.outputs),
    variants: preferred.map(({ target, precision, format, files }) => ({
      target,
      precision,
      format,
      files: files.map((file) => ({ path: file.path, digest: file.digest, sizeBytes: BigInt(file.sizeBytes) })),
    })),
    ensemble: ensemble && ensembleToWire(ensemble),
  };
}

/** 0 is how the message says that nothing was said. */
function servingToWire({
  instances,
  intraOpThreads,
  batching,
  cache,
  sequence,
  payloadLog,
}: ServingOptions): WireServingOptions {
  return {
    instances: instances ?? 0,
    intraOpThreads: intraOpThreads ?? 0,
    batching: {
      maxBatchSize: batching.maxBatchSize ?? 0,
      maxDelayMs: batching.maxDelayMs,
      preferredSizes: [...batching.preferredSizes],
    },
    cache: cache && { maxBytes: BigInt(cache.maxBytes), ttlMs: BigInt(cache.ttlMs ?? 0) },
    sequence: sequence && {
      states: sequence.states.map(({ output, input }) => ({ output, input })),
      startInput: sequence.startInput ?? '',
      endInput: sequence.endInput ?? '',
      maxSequences: sequence.maxSequences,
      maxIdleMs: BigInt(sequence.maxIdleMs),
    },
    payloadLog: payloadLog && { samplePercent: payloadLog.samplePercent, redact: [...payloadLog.redact] },
  };
}
