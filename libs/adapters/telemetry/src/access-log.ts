import { pino } from 'pino';

/** Which requests get a line. */
export const ACCESS_LOG_MODES = ['off', 'errors', 'all'] as const;
export type AccessLogMode = (typeof ACCESS_LOG_MODES)[number];

/** One request. Fields that are `undefined` are left out. */
export interface AccessLine {
  readonly protocol: string;
  readonly model: string | undefined;
  readonly version: number | undefined;
  readonly role: string | undefined;
  /** `ok`, or the code of the error. */
  readonly result: string;
  readonly isFallback: boolean;
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  readonly tookMs: number;
  readonly queueMs: number | undefined;
  readonly runMs: number | undefined;
  readonly batchSize: number | undefined;
  /** Of the tensors. */
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** How the log is kept. */
export interface AccessLogOptions {
  readonly mode: AccessLogMode;
  /** 0 to 100; of the answered requests. Errors are never left out. */
  readonly samplePercent: number;
  /** A path, or a file descriptor. */
  readonly target: string | number;
}

const WRITE_FROM_BYTES = 8 * 1024;
const MAX_WAITING_BYTES = 16 * 2 ** 20;
const WRITE_AFTER_MS = 1000;
/** An output that takes nothing must not keep a program that wants to end. */
const CLOSE_WITHIN_MS = 2000;

/**
 * One line of JSON per inference request. A request is noted while it is answered, and becomes text and is written when nobody waits
 * for it: many lines at a time, dropped when the output does not take them.
 */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #destination: ReturnType<typeof pino.destination>;
  readonly #log: pino.Logger;
  #noted: { readonly time: string; readonly line: AccessLine }[] = [];
  #dropped = 0;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#destination = pino.destination({
      dest: options.target,
      sync: false,
      minLength: WRITE_FROM_BYTES,
      maxLength: MAX_WAITING_BYTES,
      periodicFlush: WRITE_AFTER_MS,
    });
    const lose = () => {
      this.#dropped += 1;
    };
    // A full disk, or a reader that has gone: the log ends, and the gateway does not.
    this.#destination.on('drop', lose).on('error', lose);
    this.#log = pino(
      { base: { log: 'access' }, timestamp: false, formatters: { level: (level) => ({ level }) } },
      this.#destination,
    );
  }

  /** Lines that the output did not take. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether a request is to be noted. */
  wants(isError: boolean): boolean {
    const { mode, samplePercent } = this.#options;
    if (isError || mode === 'off') return mode !== 'off';
    return mode === 'all' && (samplePercent >= 100 || Math.random() * 100 < samplePercent);
  }

  /** Notes a request. */
  note(line: AccessLine): void {
    if (this.#noted.length === 0) setImmediate(() => this.#write());
    this.#noted.push({ time: new Date().toISOString(), line });
  }

  /** Writes what is left, as far as the output takes it. */
  async close(): Promise<void> {
    this.#write();
    await new Promise<void>((resolve) => {
      setTimeout(resolve, CLOSE_WITHIN_MS).unref();
      // A flush is over while the last lines, too few for a write of their own, still wait.
      this.#destination.once('close', () => resolve()).once('error', () => resolve());
      this.#destination.end();
    });
  }

  #write(): void {
    for (const { time, line } of this.#noted.splice(0)) this.#log.info({ time, ...line });
  }
}
