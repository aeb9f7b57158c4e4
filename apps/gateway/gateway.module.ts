import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
import { createTelemetry, type GatewayTelemetry, hostLoadFor } from './telemetry.module.ts';

/** The gateway's parts, wired to the outside. */
export interface GatewayParts {
  readonly servingSet: ServingSet;
  readonly pipeline: InferencePipeline;
  readonly directory: ModelDirectory;
  readonly metrics: GatewayMetrics;
  readonly telemetry: GatewayTelemetry;
  readonly controlStream: ControlStream;
}

/** Builds the data plane over the bucket, the runners and the controller's stream. */
export async function createGateway(config: GatewayConfig, logger: Logger): Promise<GatewayParts> {
  const stateDir = resolve(config.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const store = config.store === 'fs' ? await FsObjectStore.open(config.storeDir) : await S3ObjectStore.open(config);
  const metrics = new GatewayMetrics(hostLoadFor(config));
  const slotParts = {
    artifacts: new ArtifactCache(store, join(stateDir, 'artifacts')),
    host: new RunnerHost(runnerProgram(stateDir), config.cores === 0 ? availableParallelism() : config.cores),
    after,
    soon: (task: () => void) => void setImmediate(task),
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    observeRun: metrics.observeRun,
  };
  // The stream reports what these two change, and they exist before it: hence the late look-up.
  const stream: { current?: ControlStream } = {};
  const servingSet = new ServingSet(slotParts, () => stream.current?.reportNow());
  const ledger = new TrafficLedger(slotParts.nowMs, () => stream.current?.reportSoon());
  const pipeline = new InferencePipeline({
    routes: () => servingSet.routes,
    ledger,
    random01: Math.random,
    monotonicMs: () => performance.now(),
    after,
    observe: metrics.observe,
  });
  metrics.watch(servingSet, pipeline);
  const gatewayId = gatewayIdIn(stateDir);
  const telemetry = await createTelemetry({
    config,
    gatewayId,
    metrics,
    routes: () => servingSet.routes,
    openStore: async () => store,
    logger,
  });
  const controlStream = new ControlStream(
    {
      controllerAddress: config.controllerGrpc,
      gatewayId,
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
  return { servingSet, pipeline, directory: new ModelDirectory(servingSet), metrics, telemetry, controlStream };
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
