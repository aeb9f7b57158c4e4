import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** How much is logged; `silent` for tests. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A structured logger: one JSON object per line on standard error, so that standard output stays free for results.
 * Header values and fields that carry credentials are masked.
 */
export function createLogger(program: string, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['*.authorization', '*.password', '*.secretKey', '*.token'], censor: '(masked)' },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}
