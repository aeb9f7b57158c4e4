import { cpus, freemem, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodePayload } from '#adapters/open-inference';
import { ObjectStorePayloadLog } from '#adapters/payload-log';
import { AccessLog, type Logger, startTracing, type TraceSampling, type Tracing } from '#adapters/telemetry';
import type { ObjectStore } from '#application/registry';
import type { RoutedSlot } from '#application/serving';
import type { RouteTable } from '#domain/routing';
import type { GatewayConfig } from './config.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { InferenceTelemetry } from './inference-telemetry.ts';
import { SERVER_VERSION } from './server-identity.ts';
import { TelemetryMetrics } from './telemetry-metrics.ts';
import type { HostLoad } from './triton-metrics.ts';

/** What telemetry is made of. */
export interface TelemetryModuleParts {
  readonly config: GatewayConfig;
  readonly gatewayId: string;
  readonly metrics: GatewayMetrics;
  readonly routes: () => RouteTable<RoutedSlot>;
  readonly openStore: () => Promise<ObjectStore>;
  readonly logger: Logger;
}

/** A gateway's telemetry, wired to the outside. */
export interface GatewayTelemetry {
  readonly inferences: InferenceTelemetry;
  /** Sends and writes what is left, as far as there is somebody to take it. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const KIB = 1024;
/** A collector or a store that is down must not hold up the end. */
const CLOSE_WITHIN_MS = 10_000;

/** Opens what traces, logs and payloads go to. */
export async function createTelemetry(parts: TelemetryModuleParts): Promise<GatewayTelemetry> {
  const { config, metrics, routes, logger } = parts;
  const counts = new TelemetryMetrics(metrics.registry, logger);
  const tracing = await createTracing(parts, counts);
  const accessLog = config.accessLog === 'off' ? undefined : createAccessLog(config);
  const payloadLog = createPayloadLog(parts, counts);
  counts.watch({ tracing, accessLog, payloadLog });
  return {
    inferences: new InferenceTelemetry({ metrics, routes, tracing, accessLog, payloadLog }),
    close: async () => {
      const ends = [payloadLog.close(CLOSE_WITHIN_MS), accessLog?.close(), tracing?.close()];
      await Promise.race([Promise.allSettled(ends), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}

/** How busy this machine is, for the metrics that Triton has of it; `undefined` when they are not wanted. */
export function hostLoadFor({ tritonMetrics }: GatewayConfig): HostLoad | undefined {
  if (!tritonMetrics) return undefined;
  let before = processorTimes();
  return {
    cpuUtilization: () => {
      const now = processorTimes();
      const [busy, all] = [now.busy - before.busy, now.all - before.all];
      before = now;
      return all === 0 ? 0 : busy / all;
    },
    memoryTotalBytes: totalmem,
    memoryUsedBytes: () => totalmem() - freemem(),
  };
}

async function createTracing(
  { config, gatewayId }: TelemetryModuleParts,
  counts: TelemetryMetrics,
): Promise<Tracing | undefined> {
  const url = collectorUrl(config);
  if (url === undefined) return undefined;
  return startTracing(
    {
      protocol: config.otlpProtocol,
      url,
      headers: config.otlpHeaders,
      timeoutMs: config.otlpTimeoutMs,
      compression: config.otlpCompression,
      serviceName: config.otelServiceName,
      serviceVersion: SERVER_VERSION,
      resourceAttributes: { 'service.instance.id': gatewayId, ...config.otelResourceAttributes },
      sampling: samplingOf(config),
      batchDelayMs: config.otelBatchDelayMs,
      queueSize: config.otelQueueSize,
      batchSize: config.otelBatchSize,
    },
    (spans, error) => counts.countExport(spans, error),
  );
}

/** Where traces go; `undefined` when there are to be none. */
export function collectorUrl(config: GatewayConfig): string | undefined {
  const { otelDisabled, otelExporter, otlpProtocol, otlpEndpoint, otlpTracesEndpoint } = config;
  if (otelDisabled || otelExporter === 'none') return undefined;
  if (otlpTracesEndpoint !== undefined) return otlpTracesEndpoint;
  if (otlpEndpoint === undefined && otelExporter === 'auto') return undefined;
  if (otlpProtocol === 'grpc') return otlpEndpoint ?? 'http://localhost:4317';
  return `${(otlpEndpoint ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/traces`;
}

/** Which requests are traced, by the name of a sampler. */
export function samplingOf({ otelSampler, otelSamplerArg }: GatewayConfig): TraceSampling {
  const ratio = otelSampler.endsWith('always_on') ? 1 : otelSampler.endsWith('always_off') ? 0 : otelSamplerArg;
  return { ratio, followsParent: otelSampler.startsWith('parentbased_') };
}

function createAccessLog({ accessLog, accessLogPercent, accessLogPath }: GatewayConfig): AccessLog {
  const STANDARD_OUTPUT = 1;
  return new AccessLog({ mode: accessLog, samplePercent: accessLogPercent, target: accessLogPath ?? STANDARD_OUTPUT });
}

function createPayloadLog(
  { config, gatewayId, openStore }: TelemetryModuleParts,
  counts: TelemetryMetrics,
): ObjectStorePayloadLog {
  const maxTensorBytes = config.payloadLogTensorKib * KIB;
  return new ObjectStorePayloadLog(openStore, {
    gatewayId,
    encode: (inference) => encodePayload(inference, maxTensorBytes),
    objectBytes: config.payloadLogObjectKib * KIB,
    objectMs: config.payloadLogSeconds * 1000,
    maxWaitingBytes: config.payloadLogMemoryMib * MIB,
    onEvent: (event) => counts.takePayloadEvent(event),
  });
}

function processorTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}
