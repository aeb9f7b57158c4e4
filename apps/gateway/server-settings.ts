import { DomainError } from '#domain/errors';

/** The levels of Triton's log settings, by the logger's. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * The log settings in Triton's words. They are the process's, and clients may read them only.
 *
 * @param level of the logger.
 */
export function logSettings(level: string) {
  const isLogged = (wanted: string) => LEVELS.indexOf(level) <= LEVELS.indexOf(wanted);
  return {
    log_file: '',
    log_info: isLogged('info'),
    log_warning: isLogged('warn'),
    log_error: isLogged('error'),
    log_verbose_level: isLogged('debug') ? 1 : 0,
    log_format: 'default',
  } as const;
}

/** The trace settings in Triton's words: nothing is traced. */
export const TRACE_SETTINGS = { trace_level: ['OFF'] } as const;

/**
 * Refuses to change settings; without any named there is nothing to refuse.
 *
 * @throws UNSUPPORTED
 */
export function refuseLogSettings(names: readonly string[]): void {
  if (names.length === 0) return;
  throw unsupported(names, 'the log level is set at start, by SLIPWAY_LOG_LEVEL');
}

/**
 * Refuses to change settings; without any named there is nothing to refuse.
 *
 * @throws UNSUPPORTED
 */
export function refuseTraceSettings(names: readonly string[]): void {
  if (names.length === 0) return;
  throw unsupported(names, 'this server does not trace: /metrics has durations, and statistics have them by stage');
}

/** @throws UNSUPPORTED */
export function refuseSharedMemory(kind: 'system' | 'cuda'): never {
  throw new DomainError(
    'UNSUPPORTED',
    `this server has no ${kind} shared memory: send and take tensors in the messages`,
  );
}

function unsupported(names: readonly string[], reason: string): DomainError {
  return new DomainError('UNSUPPORTED', `${names.join(', ').slice(0, 200)} cannot be changed: ${reason}`);
}
