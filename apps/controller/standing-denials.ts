import type { Denial, Repeats } from '#application/access';

/** Gateways that are denied what they ask for: of more, those that began first are told of and forgotten. */
const MAX_GATEWAYS = 1000;
/** How long repeats are counted before they are told. */
const TOLD_EVERY_MS = 3_600_000;
/** A gateway asks again within seconds: one that has not for so long has gone. */
const GONE_AFTER_MS = 600_000;

interface Standing {
  readonly denial: Denial;
  readonly tell: (denial: Denial) => void;
  readonly toldAtMs: number;
  readonly repeats: Repeats | undefined;
}

/**
 * Denials of gateways, which ask again and again until they are let in. Each is told of at once, and then once an hour, and when it ends or its
 * reason changes, how often it has come again.
 */
export class StandingDenials {
  readonly #nowMs: () => number;
  /** By gateway, those first that were told of longest ago. */
  readonly #standing = new Map<string, Standing>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Somebody was denied something. @param gateway tells it from others. */
  denied(gateway: string, denial: Denial, tell: (denial: Denial) => void): void {
    const nowMs = this.#nowMs();
    const known = this.#standing.get(gateway);
    if (known === undefined || !isSame(known.denial, denial)) {
      this.ended(gateway);
      tell(denial);
      this.#standing.set(gateway, { denial, tell, toldAtMs: nowMs, repeats: undefined });
    } else {
      const { count, firstAtMs } = known.repeats ?? { count: 0, firstAtMs: nowMs };
      this.#standing.set(gateway, { ...known, repeats: { count: count + 1, firstAtMs, lastAtMs: nowMs } });
    }
    this.#tidy(nowMs);
  }

  /** A gateway was let in, or refused for another reason. */
  ended(gateway: string): void {
    const known = this.#standing.get(gateway);
    this.#standing.delete(gateway);
    if (known?.repeats !== undefined) known.tell({ ...known.denial, repeats: known.repeats });
  }

  /** Tells what was not told yet. */
  close(): void {
    for (const gateway of [...this.#standing.keys()]) this.ended(gateway);
  }

  #tidy(nowMs: number): void {
    for (const [gateway, { denial, tell, toldAtMs, repeats }] of [...this.#standing]) {
      const isGone = nowMs - (repeats?.lastAtMs ?? toldAtMs) >= GONE_AFTER_MS;
      if (isGone || this.#standing.size > MAX_GATEWAYS) this.ended(gateway);
      else if (repeats !== undefined && nowMs - toldAtMs >= TOLD_EVERY_MS) {
        this.ended(gateway);
        this.#standing.set(gateway, { denial, tell, toldAtMs: nowMs, repeats: undefined });
      }
    }
  }
}

function isSame(one: Denial, other: Denial): boolean {
  return one.action === other.action && one.ruleId === other.ruleId;
}
