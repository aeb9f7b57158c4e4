import type { Outcome } from './mixed-traffic.ts';

/** Counts the answers to requests, and keeps those that should not have been. */
export class SoakTally {
  readonly #maxAnswerMs: number;
  readonly #answers: Record<string, Record<string, number>> = {};
  readonly #startedMs = performance.now();
  readonly blames: string[] = [];
  #count = 0;

  /** @param maxAnswerMs beyond it a request counts as hung. */
  constructor(maxAnswerMs: number) {
    this.#maxAnswerMs = maxAnswerMs;
  }

  take({ interface: by, answer, blame, tookMs }: Outcome): void {
    this.#count += 1;
    const counts = this.#answers[by] ?? {};
    this.#answers[by] = counts;
    counts[answer] = (counts[answer] ?? 0) + 1;
    if (blame !== undefined) this.blames.push(blame);
    else if (tookMs > this.#maxAnswerMs) this.blames.push(`${tookMs.toFixed(0)} ms for ${by} ${answer}`);
  }

  /** How often an interface gave an answer. */
  countOf(by: string, answer: string): number {
    return this.#answers[by]?.[answer] ?? 0;
  }

  get summary(): string {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const rate = (this.#count / seconds).toFixed(0);
    return `${this.#count} requests in ${seconds.toFixed(0)} s (${rate} a second), ${this.blames.length} blames`;
  }

  /** Every answer of every interface, as a line of JSON. */
  get answers(): string {
    return JSON.stringify(this.#answers);
  }
}
