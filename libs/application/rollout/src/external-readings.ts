import { type ExternalReading, gateKeys, isAsked } from '#domain/rollout';
import type { AskedRollout } from './asked-rollout.ts';
import { GateInquiry, type InquiryParts } from './gate-inquiry.ts';

/** What external readings are taken with. */
export interface ExternalReadingsParts extends Omit<InquiryParts, 'onReading'> {
  /** Called after each reading, with the deployment's key: there may be something to decide. */
  readonly onReading: (key: string) => void;
}

interface Followed {
  readonly rolloutId: string;
  readonly inquiries: ReadonlyMap<string, GateInquiry>;
}

/**
 * What was answered to the gates that ask somebody else, of every rollout that is followed.
 *
 * Readings are kept in memory: a controller that starts asks at once, and knows again what it must.
 */
export class ExternalReadings {
  readonly #parts: ExternalReadingsParts;
  readonly #followed = new Map<string, Followed>();

  constructor(parts: ExternalReadingsParts) {
    this.#parts = parts;
  }

  /**
   * Asks the gates of a deployment's rollout from now on, each at once and then at its interval, until another rollout, or
   * `undefined`, is given for the same key. May be called as often as one likes.
   */
  follow(key: string, rollout: AskedRollout | undefined): void {
    const known = this.#followed.get(key);
    if (known !== undefined && known.rolloutId === rollout?.subject.rolloutId) {
      for (const inquiry of known.inquiries.values()) inquiry.subject = rollout.subject;
      return;
    }
    this.#end(key);
    if (rollout?.gates.some(isAsked)) this.#begin(key, rollout);
  }

  /** By gate, oldest first; empty for what is not followed. */
  of(key: string): ReadonlyMap<string, readonly ExternalReading[]> {
    const inquiries = [...(this.#followed.get(key)?.inquiries ?? [])];
    return new Map(inquiries.map(([gateKey, { readings }]) => [gateKey, readings]));
  }

  /** Follows nothing any more. */
  stop(): void {
    for (const key of [...this.#followed.keys()]) this.#end(key);
  }

  #begin(key: string, { subject, gates }: AskedRollout): void {
    const parts = { ...this.#parts, onReading: () => this.#parts.onReading(key) };
    const keys = gateKeys(gates);
    const inquiries = new Map(
      gates.flatMap((gate, index) =>
        isAsked(gate) ? [[keys[index] ?? '', new GateInquiry(gate, subject, parts)] as const] : [],
      ),
    );
    this.#followed.set(key, { rolloutId: subject.rolloutId, inquiries });
  }

  #end(key: string): void {
    for (const inquiry of this.#followed.get(key)?.inquiries.values() ?? []) inquiry.end();
    this.#followed.delete(key);
  }
}
