import type { Logger } from '#adapters/telemetry';
import type { Identity } from '#adapters/tls-material';

const MS_PER_DAY = 86_400_000;
const LOOK_MS = 60 * 60 * 1000;

/** How near its end a certificate is: for the short-lived ones that machines renew, days say nothing. */
export function urgencyOf({ validFromMs, expiresAtMs }: Term, nowMs: number): 'none' | 'warn' | 'error' {
  const [lifeMs, leftMs] = [expiresAtMs - validFromMs, expiresAtMs - nowMs];
  if (leftMs < Math.min(7 * MS_PER_DAY, lifeMs / 10)) return 'error';
  return leftMs < Math.min(30 * MS_PER_DAY, lifeMs / 3) ? 'warn' : 'none';
}

type Term = Pick<Identity, 'validFromMs' | 'expiresAtMs'>;

/**
 * Says once a day that a certificate expires soon: when 30 days are left, or a third of its time, and more loudly when 7 days are, or
 * a tenth.
 */
export class CertificateTerm {
  readonly #term: () => Term | undefined;
  readonly #what: string;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #told = 'none';

  /** @param what is said to expire. */
  constructor(term: () => Term | undefined, what: string, logger: Logger, nowMs: () => number) {
    this.#term = term;
    this.#what = what;
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  look(): void {
    const [term, nowMs] = [this.#term(), this.#nowMs()];
    if (term === undefined) return;
    const urgency = urgencyOf(term, nowMs);
    const isNews = urgency !== this.#told || nowMs - this.#toldAtMs >= MS_PER_DAY;
    this.#told = urgency;
    if (urgency === 'none' || !isNews) return;
    this.#toldAtMs = nowMs;
    const expiresAt = new Date(term.expiresAtMs).toISOString();
    const hasExpired = term.expiresAtMs <= nowMs;
    this.#logger[urgency]({ expiresAt }, `the ${this.#what} ${hasExpired ? 'has expired' : 'expires soon'}: renew it`);
  }

  /** Looks now and every so often. @returns ends that. */
  keepUp(): () => void {
    this.look();
    const timer = setInterval(() => this.look(), LOOK_MS).unref();
    return () => clearInterval(timer);
  }
}
