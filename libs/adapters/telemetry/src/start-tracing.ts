import type { ExportObserver, Tracing, TracingOptions } from './tracing.ts';

/** Starts to trace. The SDK is loaded here, so that nobody who does without traces pays for it. */
export async function startTracing(options: TracingOptions, onExport: ExportObserver): Promise<Tracing> {
  const { OtlpTracing } = await import('./otlp-tracing.ts');
  return new OtlpTracing(options, onExport);
}
