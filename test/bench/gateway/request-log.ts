import { readFileSync } from 'node:fs';

/** One request as h2load saw it. */
export interface LoggedRequest {
  /** Since the epoch. */
  readonly startedMs: number;
  /** Of HTTP; −1 when there was no answer. */
  readonly status: number;
  readonly tookMs: number;
}

/** @param file that h2load wrote: start in µs, status and duration in µs, one request a line. */
export function readRequestLog(file: string): LoggedRequest[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [started, status, took] = line.split('\t').map(Number);
      return { startedMs: (started ?? 0) / 1000, status: status ?? -1, tookMs: (took ?? 0) / 1000 };
    });
}
