import { ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { ExportObserver, TracingOptions } from './tracing.ts';

/** Sends spans by OTLP, and tells what became of them. */
export function createSpanExporter(options: TracingOptions, onExport: ExportObserver): SpanExporter {
  return new ObservedExporter(options.protocol === 'grpc' ? grpcExporter(options) : httpExporter(options), onExport);
}

function httpExporter(options: TracingOptions): SpanExporter {
  const { url, headers, timeoutMs: timeoutMillis } = options;
  return new HttpTraceExporter({ url, headers: { ...headers }, timeoutMillis, compression: compressionOf(options) });
}

function grpcExporter(options: TracingOptions): SpanExporter {
  const { url, headers, timeoutMs: timeoutMillis } = options;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const credentials = url.startsWith('https:') ? ChannelCredentials.createSsl() : ChannelCredentials.createInsecure();
  return new GrpcTraceExporter({ url, metadata, credentials, timeoutMillis, compression: compressionOf(options) });
}

function compressionOf({ compression }: TracingOptions): CompressionAlgorithm {
  return compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE;
}

class ObservedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onExport: ExportObserver;

  constructor(exporter: SpanExporter, onExport: ExportObserver) {
    this.#exporter = exporter;
    this.#onExport = onExport;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      const isTaken = result.code === ExportResultCode.SUCCESS;
      this.#onExport(spans.length, isTaken ? undefined : (result.error ?? new Error('the collector gave no reason')));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
