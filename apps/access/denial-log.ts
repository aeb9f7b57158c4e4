import type { Logger } from '#adapters/telemetry';

const PAUSE_MS = 60_000;
/** Beyond so many different ones all are forgotten: they are told once more, and take no more memory. */
const MAX_KNOWN = 1000;

/**
 * Logs who was not let do what: the same no more than once a minute, with how many there were since. A program that lacks a key asks
 * again and again; the audit log counts each.
 */
export class DenialLog {
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, { readonly toldMs: number; untold: number }>();

  /** @param nowMs of a clock that only goes forward. */
  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** @param details what distinguishes it from others with the same message. */
  add(message: string, details: Readonly<Record<string, string | undefined>>): void {
    const key = JSON.stringify([message, details]);
    const nowMs = this.#nowMs();
    const known = this.#known.get(key);
    if (known !== undefined && nowMs - known.toldMs < PAUSE_MS) {
      known.untold += 1;
      return;
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, { toldMs: nowMs, untold: 0 });
    this.#logger.info({ ...details, ...(known !== undefined && { sameSince: known.untold }) }, message);
  }
}
