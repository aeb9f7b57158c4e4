import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { ArtifactCache } from '#adapters/artifact-cache';
import { ControlStream, LastKnownGoodRoutes } from '#adapters/control-stream';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { RunnerHost, type RunnerProgram } from '#adapters/runner-client';
import type { Logger } from '#adapters/telemetry';
import { InferencePipeline, ServingSet, TrafficLedger } from '#application/serving';
import type { GatewayConfig } from './config.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { ModelDirectory } from './model-directory.ts';
import { SERVER_VERSION } from './server-identity.ts';

const MIB = 1024 * 1024;
const RUNNER_MEMORY_SHARE = 0.8;

/** The gateway's parts, wired to the outside. */
export interface GatewayParts {
  readonly servingSet: ServingSet;
  readonly pipeline: InferencePipeline;
  readonly directory: ModelDirectory;
  readonly metrics: GatewayMetrics;
  readonly controlStream: ControlStream;
}

/** Builds the data plane over the bucket, the runners and the controller's stream. */
export async function createGateway(config: GatewayConfig, logger: Logger): Promise<GatewayParts> {
  const stateDir = resolve(config.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const store = config.store === 'fs' ? await FsObjectStore.open(config.storeDir) : await S3ObjectStore.open(config);
  const slotParts = {
    artifacts: new ArtifactCache(store, join(stateDir, 'artifacts')),
    host: new RunnerHost(
      runnerProgram(stateDir),
      config.cores === 0 ? availableParallelism() : config.cores,
      config.runnerMemoryMib === 0 ? availableMemory() * RUNNER_MEMORY_SHARE : config.runnerMemoryMib * MIB,
    ),
    after,
    soon: (task: () => void) => void setImmediate(task),
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    observeRun: () => {},
  };
  // The stream reports what these two change, and they exist before it: hence the late look-up.
  const stream: { current?: ControlStream } = {};
  const servingSet = new ServingSet(slotParts, () => stream.current?.reportNow());
  const ledger = new TrafficLedger(slotParts.nowMs, () => stream.current?.reportSoon());
  const metrics = new GatewayMetrics();
  const pipeline = new InferencePipeline({
    routes: () => servingSet.routes,
    ledger,
    random01: Math.random,
    monotonicMs: () => performance.now(),
    after,
    observe: metrics.observe,
  });
  metrics.watch(servingSet, pipeline);
  const controlStream = new ControlStream(
    {
      controllerAddress: config.controllerGrpc,
      gatewayId: gatewayIdIn(stateDir),
      processId: randomUUID(),
      softwareVersion: SERVER_VERSION,
    },
    {
      servingSet,
      ledger,
      lastKnownGood: new LastKnownGoodRoutes(join(stateDir, 'routes.pb')),
      onWarning: (message, error) => logger.warn({ err: error }, message),
    },
  );
  stream.current = controlStream;
  return { servingSet, pipeline, directory: new ModelDirectory(servingSet), metrics, controlStream };
}

/** Bytes that the machine has, or the container allows. */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
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
