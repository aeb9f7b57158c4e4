import type { SpanAttributes, TracingOptions } from './tracing.ts';

/** How and where logs are sent; see the settings of `#adapters/config`. */
export type LogExportOptions = Pick<
  TracingOptions,
  'protocol' | 'url' | 'headers' | 'timeoutMs' | 'compression' | 'serviceName' | 'serviceVersion' | 'resourceAttributes'
>;

/** Something that happened. */
export interface LogEvent {
  /** What kind of thing, such as `slipway.audit.denied`. */
  readonly name: string;
  /** Since the epoch. */
  readonly atMs: number;
  readonly severity: 'info' | 'warn' | 'error';
  /** For people. */
  readonly body: string;
  readonly attributes: SpanAttributes;
}

/** Sends what happens to a collector. */
export interface LogExport {
  emit(event: LogEvent): void;
  /** Sends what is left, and ends. */
  close(): Promise<void>;
}
