import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { ControlStream, LastKnownGoodRoutes } from '#adapters/control-stream';
import { readSignersFile } from '#adapters/model-signing';
import { RunnerHost, type RunnerProgram } from '#adapters/runner-client';
import type { Logger } from '#adapters/telemetry';
import {
  type CountedRun,
  type InferenceObservation,
  InferencePipeline,
  type InferenceRun,
  type MemberCall,
  type ModelProfile,
  ModelStatistics,
  type RoutedSlot,
  type RuntimeInventory,
  ServingSet,
  type SlotParts,
  TrafficLedger,
  UNBATCHED_PROFILE,
  type VersionSlot,
} from '#application/serving';
import { openAccess, type ProgramAccess } from '#apps/access';
import { addPluginMetrics, openPlugins, type ProgramPlugins } from '#apps/plugins';
import { openClientTls } from '#apps/tls';
import { ArtifactMetrics } from './artifact-metrics.ts';
import { createArtifacts, lazyStore } from './artifacts.module.ts';
import { ChangeSignal } from './change-signal.ts';
import type { GatewayConfig } from './config.ts';
import { sha256Fingerprint } from './fingerprint.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { MemoryMetrics } from './memory-metrics.ts';
import { ModelDirectory } from './model-directory.ts';
import { ModelRepository } from './model-repository.ts';
import { processorsIn } from './plugin-processors.ts';
import { withPluginRuntimes } from './plugin-runtimes.module.ts';
import { RecordedRequestFiles } from './recorded-request-files.ts';
import { addRuntimeMetrics } from './runtime-metrics.ts';
import { openRuntimes } from './runtimes.module.ts';
import { SERVER_VERSION } from './server-identity.ts';
import { createTelemetry, type GatewayTelemetry, hostLoadFor } from './telemetry.module.ts';

const MIB = 1024 * 1024;
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;
const RUNNER_MEMORY_SHARE = 0.8;

/** The gateway's parts, wired to the outside. */
export interface GatewayParts {
  readonly access: ProgramAccess;
  readonly plugins: ProgramPlugins;
  readonly servingSet: ServingSet;
  readonly pipeline: InferencePipeline;
  readonly directory: ModelDirectory;
  readonly repository: ModelRepository;
  readonly metrics: GatewayMetrics;
  /** What models can be run with. */
  readonly inventory: RuntimeInventory;
  /** Tells of every change of what is ready. */
  readonly changes: ChangeSignal;
  readonly telemetry: GatewayTelemetry;
  readonly controlStream: ControlStream;
}

/** Builds the data plane over the bucket, the runners and the controller's stream. */
export async function createGateway(config: GatewayConfig, logger: Logger): Promise<GatewayParts> {
  const stateDir = resolve(config.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const runner = runnerProgram(stateDir);
  const runtimes = await openRuntimes(config, runner, availableMemory());
  const { operators, operatorLibraries } = runtimes;
  const plugins = await openPlugins(
    config.plugins,
    ['preprocessor', 'postprocessor', 'auth-source', 'runtime'],
    logger,
  );
  const { runtimeFor, inventory } = withPluginRuntimes(runtimes, runner, plugins);
  logger.info(inventory, 'runtimes');
  const metrics = new GatewayMetrics(hostLoadFor(config));
  addRuntimeMetrics(metrics.registry, inventory);
  const statistics = new ModelStatistics(() => Date.now());
  const memoryMetrics = new MemoryMetrics(metrics.registry, logger);
  const openStore = lazyStore(config, logger);
  const access = await openAccess(
    config,
    {
      openStore,
      memoryPath: join(stateDir, 'access.json'),
      program: 'gateway',
      host: config.host,
      plugins: plugins.set,
    },
    logger,
  );
  const limits = { budgetBytes: config.memoryMib * MIB, idleAfterMs: config.idleSeconds * 1000 };
  const slotParts: SlotParts = {
    artifacts: createArtifacts({
      config,
      openStore,
      directory: join(stateDir, 'artifacts'),
      isInUse: (digest) => servingSet.uses(digest),
      metrics: new ArtifactMetrics(metrics.registry, logger),
    }),
    recorded: new RecordedRequestFiles(),
    signers: await readSignersFile(config.signers),
    signedBy: config.signedBy.length === 0 ? undefined : config.signedBy,
    operators,
    host: new RunnerHost({
      runtimeFor,
      operatorLibraries,
      cores: config.cores === 0 ? availableParallelism() : config.cores,
      maxMemoryBytes:
        config.runnerMemoryMib === 0 ? availableMemory() * RUNNER_MEMORY_SHARE : config.runnerMemoryMib * MIB,
      preparedDirectory: config.runtime === 'native' ? join(stateDir, 'prepared') : undefined,
    }),
    fingerprint: sha256Fingerprint,
    // The pipeline routes to what the slots hold, and ensembles call it: hence the late look-up.
    ensembles: { callModel: (modelName, call) => callModel(pipeline, modelName, call), random01: Math.random },
    findProcessor: processorsIn(plugins.set),
    after,
    soon: soonFor(availableParallelism()),
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    observeRun: (slot, rows, _calls, runMs) => {
      metrics.observeRun(slot, rows);
      countExecution(statistics, slot, rows, runMs);
    },
    onMemory: memoryMetrics.take,
  };
  // The stream reports what these two change, and they exist before it: hence the late look-up.
  const stream: { current?: ControlStream } = {};
  const changes = new ChangeSignal();
  const servingSet: ServingSet = new ServingSet(
    slotParts,
    () => {
      stream.current?.reportNow();
      changes.tell();
    },
    limits,
  );
  const ledger = new TrafficLedger(slotParts.nowMs, {
    onError: () => stream.current?.reportSoon(),
    onTrip: ({ rolloutId, modelName, candidate }) => {
      if (servingSet.takenOut.has(rolloutId)) return;
      servingSet.takeOut(rolloutId);
      metrics.countTrip(modelName);
      const { build } = candidate ?? {};
      logger.warn({ rolloutId, model: modelName, build }, 'the candidate fails and was taken out');
    },
  });
  const pipeline: InferencePipeline = new InferencePipeline({
    routes: () => servingSet.routes,
    ledger,
    random01: Math.random,
    monotonicMs: () => performance.now(),
    after,
    observeMirrored: metrics.observeMirrored,
    observe: (seen) => {
      metrics.observe(seen);
      countStatistics(statistics, seen);
    },
  });
  metrics.watch(servingSet, pipeline);
  memoryMetrics.watch(servingSet, limits.budgetBytes);
  addPluginMetrics(metrics.registry, plugins.set);
  const gatewayId = gatewayIdIn(stateDir);
  const clientTls = openClientTls(config, logger);
  const telemetry = await createTelemetry({
    config,
    gatewayId,
    metrics,
    routes: () => servingSet.routes,
    openStore,
    logger,
  });
  const controlStream = new ControlStream(
    {
      controllerAddresses: config.controllerGrpc,
      gatewayId,
      processId: randomUUID(),
      softwareVersion: SERVER_VERSION,
      inventory,
      credential: config.controllerKey,
      channelTo: (address) => clientTls.channelTo(address),
    },
    {
      servingSet,
      ledger,
      plugins: () => plugins.set.statuses,
      lastKnownGood: new LastKnownGoodRoutes(join(stateDir, 'routes.pb')),
      onWarning: (message, error) => logger.warn({ err: error }, message),
    },
  );
  stream.current = controlStream;
  const directory = new ModelDirectory(servingSet, statistics, profileOf);
  const repository = new ModelRepository(servingSet);
  return {
    access,
    plugins,
    servingSet,
    pipeline,
    directory,
    repository,
    metrics,
    inventory,
    telemetry,
    changes,
    controlStream,
  };
}

/** Calls a deployment for an ensemble as a client does: past the ensemble's time nobody waits, and the run goes on to its end. */
async function callModel(pipeline: InferencePipeline, modelName: string, call: MemberCall): Promise<InferenceRun> {
  const { version, deadlineAtMs, inputs, outputNames, priority, sequence } = call;
  const timeoutMs = deadlineAtMs - performance.now();
  const modelVersion = version === undefined ? '' : String(version);
  // The tensors may be the ensemble's own request's, whose memory is given back when that is answered.
  const request = { modelName, modelVersion, inputs, outputNames, timeoutMs, priority, sequence, isBorrowed: true };
  const { run } = await pipeline.infer(request);
  return run;
}

function countExecution(statistics: ModelStatistics, slot: VersionSlot, rows: number, runMs: number): void {
  const { modelName, version } = slot;
  const stages = { computeInputNs: 0, runNs: runMs * NS_PER_MS, computeOutputNs: 0 };
  statistics.countExecution({ modelName, version, batchSize: rows, ...stages });
}

function countStatistics(statistics: ModelStatistics, seen: InferenceObservation): void {
  if (seen.outcome === 'refused') return;
  const { modelName, version, run } = seen;
  const tookNs = seen.tookSeconds * NS_PER_SECOND;
  statistics.countInference({ modelName, version, tookNs, run: run && countedRun(run, tookNs) });
}

/** What is neither queue nor run is the way to the runner and back: half of it is counted as each. */
function countedRun({ rows, queueMs, runMs, cacheLookup }: InferenceRun, tookNs: number): CountedRun {
  const [queueNs, runNs] = [queueMs * NS_PER_MS, runMs * NS_PER_MS];
  const wayNs = Math.max(0, (tookNs - queueNs - runNs) / 2);
  const lookup = cacheLookup && { isHit: cacheLookup.isHit, tookNs: cacheLookup.tookMs * NS_PER_MS };
  return { rows, queueNs, computeInputNs: wayNs, runNs, computeOutputNs: wayNs, cacheLookup: lookup };
}

/** For the protocol, which says 0 where requests are not put together. */
function profileOf({ profile }: RoutedSlot): ModelProfile {
  if (profile === undefined) return UNBATCHED_PROFILE;
  const { maxBatchSize, instances, intraOpThreads, preferredSizes } = profile;
  return {
    maxBatchSize: maxBatchSize === 1 ? 0 : maxBatchSize,
    instances,
    intraOpThreads,
    preferredBatchSizes: preferredSizes,
  };
}

/** Bytes that the machine has, or the container allows. */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/**
 * With several cores a runner begins with the first call while others are still decoded; that answers a fifth more requests (8 and 64
 * clients). On one core it would only take the core from them: there what has arrived goes together, which answers a tenth more.
 */
function soonFor(cores: number): SlotParts['soon'] {
  return cores > 1 ? queueMicrotask : (task) => void setImmediate(task);
}

/** A timer that keeps no process alive. */
function after(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** The runner beside this program: built JavaScript when this is, TypeScript when this is. */
function runnerProgram(stateDir: string): RunnerProgram {
  const extension = extname(import.meta.filename);
  const workingDirectory = join(stateDir, 'runner');
  mkdirSync(workingDirectory, { recursive: true });
  return {
    nodeArguments: [
      ...(extension === '.ts' ? ['--conditions=slipway-source'] : []),
      join(import.meta.dirname, `../runner/main${extension}`),
    ],
    workingDirectory,
  };
}

function gatewayIdIn(stateDir: string): string {
  const path = join(stateDir, 'gateway-id');
  if (!existsSync(path)) writeFileSync(path, `${randomUUID()}\n`);
  return readFileSync(path, 'utf8').trim();
}

/** Hosts the gateway's HTTP interface; its routes stand on Fastify. */
@Module({})
export class GatewayModule {}
