import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { type Attributes, SeverityNumber } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as HttpLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';
import type { LogEvent, LogExport, LogExportOptions } from './log-export.ts';

const SEVERITIES = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };

/** Sends logs with OpenTelemetry's SDK. */
export class OtlpLogExport implements LogExport {
  readonly #provider: LoggerProvider;
  readonly #logger: ReturnType<LoggerProvider['getLogger']>;

  constructor(options: LogExportOptions, onFailure: (error: Error, events: number) => void) {
    const { serviceName, serviceVersion, resourceAttributes, timeoutMs } = options;
    const exporter = new ObservedExporter(
      options.protocol === 'grpc' ? grpcExporter(options) : httpExporter(options),
      onFailure,
    );
    this.#provider = new LoggerProvider({
      resource: resourceFromAttributes({
        'service.version': serviceVersion,
        ...resourceAttributes,
        'service.name': serviceName,
      }),
      processors: [new BatchLogRecordProcessor({ exporter, exportTimeoutMillis: timeoutMs })],
    });
    this.#logger = this.#provider.getLogger('slipway', serviceVersion);
  }

  emit({ name, atMs, severity, body, attributes }: LogEvent): void {
    this.#logger.emit({
      eventName: name,
      timestamp: new Date(atMs),
      severityNumber: SEVERITIES[severity],
      severityText: severity.toUpperCase(),
      body,
      attributes: attributes as Attributes,
    });
  }

  async close(): Promise<void> {
    // What the collector did not take was told of already.
    await this.#provider.shutdown().catch(() => {});
  }
}

function httpExporter(options: LogExportOptions): LogRecordExporter {
  const { url, headers, timeoutMs: timeoutMillis } = options;
  return new HttpLogExporter({ url, headers: { ...headers }, timeoutMillis, compression: compressionOf(options) });
}

function grpcExporter(options: LogExportOptions): LogRecordExporter {
  const { url, headers, timeoutMs: timeoutMillis } = options;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const credentials = url.startsWith('https:') ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure();
  return new GrpcLogExporter({ url, metadata, credentials, timeoutMillis, compression: compressionOf(options) });
}

function compressionOf({ compression }: LogExportOptions): CompressionAlgorithm {
  return compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE;
}

class ObservedExporter implements LogRecordExporter {
  readonly #exporter: LogRecordExporter;
  readonly #onFailure: (error: Error, events: number) => void;

  constructor(exporter: LogRecordExporter, onFailure: (error: Error, events: number) => void) {
    this.#exporter = exporter;
    this.#onFailure = onFailure;
  }

  export(logs: ReadableLogRecord[], done: (result: ExportResult) => void): void {
    this.#exporter.export(logs, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) {
        this.#onFailure(result.error ?? new Error('the collector gave no reason'), logs.length);
      }
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }
}
