import { createHash, randomUUID } from 'node:crypto';
import { auditBatches, entryOfEvent } from '#adapters/audit-store';
import type { auditSettings, ConfigOf } from '#adapters/config';
import { type LogExport, type Logger, startLogExport } from '#adapters/telemetry';
import { AuditTrail } from '#application/audit';
import type { ObjectStore } from '#application/registry';
import type { AuditEntry, ChainHead } from '#domain/audit';
import type { RegistryEvent } from '#domain/registry';
import { logEventOf } from './audit-log-event.ts';

/** Where a copy of the audit log goes; without settings, nowhere. */
export type AuditConfig = Partial<ConfigOf<ReturnType<typeof auditSettings>>>;

/** Where the audit log is written from, and to. */
export interface AuditPlace {
  /** Asked once it is needed, and again while it cannot be opened. */
  readonly openStore: () => Promise<ObjectStore>;
  /** Such as `registry`. */
  readonly program: string;
}

/** The audit log as one program writes it. */
export interface ProgramAudit {
  readonly trail: AuditTrail;
  /** Sends a copy of a change that the registry's own log holds. */
  copyChange(event: RegistryEvent): void;
  /** Tells the head of a chain where it outlives the bucket: in the program's own log, and at the collector. */
  tellHead(prefix: string, head: ChainHead): void;
  /** Writes and sends what is left, as far as there is somebody to take it. */
  close(): Promise<void>;
}

const SERVICE_VERSION = '0.1.0';
/** A store or a collector that is down must not hold up the end. */
const CLOSE_WITHIN_MS = 5000;
/** The program's own log has the head once in a while, the collector has each. */
const HEAD_LOGGED_MS = 600_000;

/** Opens the audit log. Neither the store nor the collector need be there. */
export async function openAudit(
  config: AuditConfig,
  { openStore, program }: AuditPlace,
  logger: Logger,
): Promise<ProgramAudit> {
  const collector = await openCollector(config, program, logger);
  const tellHead = headTeller(collector, logger);
  let hasFailed = false;
  const trail = new AuditTrail({
    store: auditBatches(openedOnce(openStore)),
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    nowMs: () => Date.now(),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs).unref();
      return () => clearTimeout(timer);
    },
    program,
    process: randomUUID(),
    events: {
      onEntries: (entries) => {
        for (const entry of entries) collector?.emit(logEventOf(entry, program));
      },
      onWritten: (head) => {
        if (hasFailed) logger.info('the audit log can be written again');
        hasFailed = false;
        tellHead('audit/', head);
      },
      onFailure: (error) => {
        if (!hasFailed) logger.error({ err: error }, 'the audit log cannot be written; what was noted waits');
        hasFailed = true;
      },
    },
  });
  const copyChange = (event: RegistryEvent) => collector?.emit(logEventOf(entryOfEvent(event) as AuditEntry, program));
  const close = async () => {
    await trail.close(CLOSE_WITHIN_MS);
    await collector?.close();
  };
  return { trail, copyChange, tellHead, close };
}

function headTeller(collector: LogExport | undefined, logger: Logger): ProgramAudit['tellHead'] {
  const loggedAtMs = new Map<string, number>();
  return (prefix, { sequence, sha256 }) => {
    const head = `${prefix}:${sequence}:${sha256}`;
    const nowMs = Date.now();
    collector?.emit({
      name: 'slipway.audit.head',
      atMs: nowMs,
      severity: 'info',
      body: `the head of ${prefix} is batch ${sequence}`,
      attributes: { 'slipway.audit.head': head },
    });
    if (nowMs - (loggedAtMs.get(prefix) ?? 0) < HEAD_LOGGED_MS) return;
    loggedAtMs.set(prefix, nowMs);
    logger.info({ head }, 'head of the audit log');
  };
}

function openedOnce(open: () => Promise<ObjectStore>): () => Promise<ObjectStore> {
  let opened: Promise<ObjectStore> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

async function openCollector(config: AuditConfig, program: string, logger: Logger): Promise<LogExport | undefined> {
  const url = logCollectorUrl(config);
  if (url === undefined) return undefined;
  const { otlpProtocol = 'http/protobuf', otlpHeaders = {}, otlpTimeoutMs = 10_000, otlpCompression = 'none' } = config;
  return startLogExport(
    {
      protocol: otlpProtocol,
      url,
      headers: otlpHeaders,
      timeoutMs: otlpTimeoutMs,
      compression: otlpCompression,
      serviceName: config.otelServiceName ?? `slipway-${program}`,
      serviceVersion: SERVICE_VERSION,
      resourceAttributes: config.otelResourceAttributes ?? {},
    },
    (error, entries) => logger.warn({ err: error, entries }, 'the collector did not take entries of the audit log'),
  );
}

/** Where logs go; `undefined` when there are to be none. */
export function logCollectorUrl(config: AuditConfig): string | undefined {
  const { otelDisabled = false, otelLogsExporter = 'auto', otlpProtocol, otlpEndpoint, otlpLogsEndpoint } = config;
  if (otelDisabled || otelLogsExporter === 'none') return undefined;
  if (otlpLogsEndpoint !== undefined) return otlpLogsEndpoint;
  if (otlpEndpoint === undefined && otelLogsExporter === 'auto') return undefined;
  if (otlpProtocol === 'grpc') return otlpEndpoint ?? 'http://localhost:4317';
  return `${(otlpEndpoint ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/logs`;
}
