import type { LogExport, LogExportOptions } from './log-export.ts';

/** Starts to send. The SDK is loaded here, so that nobody who does without pays for it. @param onFailure told when nobody took something. */
export async function startLogExport(
  options: LogExportOptions,
  onFailure: (error: Error, events: number) => void,
): Promise<LogExport> {
  const { OtlpLogExport } = await import('./otlp-log-export.ts');
  return new OtlpLogExport(options, onFailure);
}
