import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { Module } from '@nestjs/common';
import { ControlStream, LastKnownGoodRoutes } from '#adapters/control-stream';
import { RunnerHost, type RunnerProgram } from '#adapters/runner-client';
import type { Logger } from '#adapters/telemetry';
import { InferencePipeline, ServingSet, type SlotParts, TrafficLedger } from '#application/serving';
import { ArtifactMetrics } from './artifact-metrics.ts';
import { createArtifacts } from './artifacts.module.ts';
import type { GatewayConfig } from './config.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { MemoryMetrics } from './memory-metrics.ts';
import { ModelDirectory } from './model-directory.ts';
import { RecordedRequestFiles } from './recorded-request-files.ts';
import { SERVER_VERSION } from './server-identity.ts';

const MIB = 1024 * 1024;

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
  const metrics = new GatewayMetrics();
  const memoryMetrics = new MemoryMetrics(metrics.registry, logger);
  const limits = { budgetBytes: config.memoryMib * MIB, idleAfterMs: config.idleSeconds * 1000 };
  const slotParts: SlotParts = {
    artifacts: createArtifacts({
      config,
      directory: join(stateDir, 'artifacts'),
      isInUse: (digest) => servingSet.uses(digest),
      metrics: new ArtifactMetrics(metrics.registry, logger),
      logger,
    }),
    recorded: new RecordedRequestFiles(),
    host: new RunnerHost(runnerProgram(stateDir), config.intraOpThreads),
    after,
    nowMs: () => Date.now(),
    onMemory: memoryMetrics.take,
  };
  // The stream reports what these two change, and they exist before it: hence the late look-up.
  const stream: { current?: ControlStream } = {};
  const servingSet: ServingSet = new ServingSet(slotParts, () => stream.current?.reportNow(), limits);
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
  memoryMetrics.watch(servingSet, limits.budgetBytes);
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
