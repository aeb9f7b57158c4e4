import type { DecisionLog } from './decision.ts';
import type { DecisionRecorder } from './decision-recorder.ts';

/** What decisions are kept with. */
export interface KeepDecisionsParts {
  readonly recorder: DecisionRecorder;
  readonly log: DecisionLog;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** How long decisions are kept. */
  readonly keptMs: number;
}

/** How often counts and times are written of what was written already. */
const COUNTS_EVERY_MS = 60_000;
const FORGET_EVERY_MS = 3_600_000;

/** Writes the decisions of this process where a dry run finds them: new ones at once, how often they were made now and then. */
export class KeepDecisions {
  readonly #parts: KeepDecisionsParts;
  #saved = { newest: 0, noted: 0, atMs: 0 };
  #forgotAtMs = 0;

  constructor(parts: KeepDecisionsParts) {
    this.#parts = parts;
  }

  /** Writes what is due. @throws STORE_UNAVAILABLE; the next call tries again. */
  async tend(): Promise<void> {
    const { recorder, nowMs } = this.#parts;
    const { newest, atMs } = this.#saved;
    if (recorder.newest > newest || nowMs() - atMs >= COUNTS_EVERY_MS) await this.save();
    await this.#forget();
  }

  /** Writes whatever is not written yet. @throws STORE_UNAVAILABLE */
  async save(): Promise<void> {
    const { recorder, log, nowMs, keptMs } = this.#parts;
    const { newest, noted } = recorder;
    if (noted === this.#saved.noted) return;
    const now = nowMs();
    await log.save(recorder.decisions().filter(({ lastAtMs }) => lastAtMs >= now - keptMs));
    this.#saved = { newest, noted, atMs: now };
  }

  async #forget(): Promise<void> {
    const { log, nowMs, keptMs } = this.#parts;
    const now = nowMs();
    if (now - this.#forgotAtMs < FORGET_EVERY_MS) return;
    await log.forgetBefore(now - keptMs);
    this.#forgotAtMs = now;
  }
}
