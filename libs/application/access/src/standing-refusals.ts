/** When something happened that happened several times, and how often. */
export interface Repeats {
  readonly count: number;
  /** Since the epoch. */
  readonly firstAtMs: number;
  /** Since the epoch. */
  readonly lastAtMs: number;
}

/** Tells of a refusal. @param repeats of one that was told of before: how often it came again since then. */
type TellRefusal = (repeats: Repeats | undefined) => void;

/** Those who are refused: of more, those that were told of longest ago are told of and forgotten. */
const MAX_STANDING = 1000;
/** How long repeats are counted before they are told. */
const TOLD_EVERY_MS = 3_600_000;
/** Whoever asks again does so within seconds: one that has not for so long has gone. */
const GONE_AFTER_MS = 600_000;

interface Standing {
  readonly reason: string;
  readonly tell: TellRefusal;
  readonly toldAtMs: number;
  readonly repeats: Repeats | undefined;
}

/**
 * Refusals of programs that ask again and again until they are let in. Each is told of at once, and then once an hour, and when it ends or
 * its reason changes, how often it has come again.
 */
export class StandingRefusals {
  readonly #nowMs: () => number;
  /** By who is refused, those first that were told of longest ago. */
  readonly #standing = new Map<string, Standing>();

  /** @param nowMs since the epoch. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Somebody was refused. @param who tells them from others. @param reason tells it from other refusals of theirs. */
  refused(who: string, reason: string, tell: TellRefusal): void {
    const nowMs = this.#nowMs();
    const known = this.#standing.get(who);
    if (known?.reason === reason) {
      const { count, firstAtMs } = known.repeats ?? { count: 0, firstAtMs: nowMs };
      this.#standing.set(who, { ...known, repeats: { count: count + 1, firstAtMs, lastAtMs: nowMs } });
      return;
    }
    this.ended(who);
    tell(undefined);
    this.#standing.set(who, { reason, tell, toldAtMs: nowMs, repeats: undefined });
    const [first] = this.#standing.keys();
    if (first !== undefined && this.#standing.size > MAX_STANDING) this.ended(first);
  }

  /** Somebody was let in, or refused for another reason. */
  ended(who: string): void {
    const known = this.#standing.get(who);
    this.#standing.delete(who);
    if (known?.repeats !== undefined) known.tell(known.repeats);
  }

  /** Tells what is due, and forgets who has gone. To be called now and then. */
  tend(): void {
    const nowMs = this.#nowMs();
    for (const [who, standing] of [...this.#standing]) {
      const { toldAtMs, repeats } = standing;
      if (nowMs - (repeats?.lastAtMs ?? toldAtMs) >= GONE_AFTER_MS) this.ended(who);
      else if (repeats !== undefined && nowMs - toldAtMs >= TOLD_EVERY_MS) {
        this.ended(who);
        this.#standing.set(who, { ...standing, toldAtMs: nowMs, repeats: undefined });
      }
    }
  }

  /** Tells what was not told yet. */
  close(): void {
    for (const who of [...this.#standing.keys()]) this.ended(who);
  }
}
