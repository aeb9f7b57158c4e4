export {
  ACCESS_LOG_MODES,
  type AccessLine,
  AccessLog,
  type AccessLogMode,
  type AccessLogOptions,
} from './access-log.ts';
export { BucketHistogram, type Exemplar } from './bucket-histogram.ts';
export { addProcessMetrics, clientMetrics } from './client-metrics.ts';
export {
  EXPOSITION_TYPES,
  type ExpositionFormat,
  expositionFormatFor,
  histogramSamples,
  labelText,
  type MetricFamily,
  type MetricSample,
  writeExposition,
} from './exposition.ts';
export type { LogEvent, LogExport, LogExportOptions } from './log-export.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel } from './logger.ts';
export { startLogExport } from './start-log-export.ts';
export { startTracing } from './start-tracing.ts';
export {
  type ExportObserver,
  type RequestTrace,
  type SpanAttributes,
  type StageSpan,
  type TraceCarrier,
  type TraceSampling,
  type Tracing,
  type TracingOptions,
  traceIdOf,
} from './tracing.ts';
