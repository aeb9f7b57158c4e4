import type { Circumstances } from '#application/access';
import { type Environment, type EnvironmentTest, holds, type Principal, type Rule } from '#domain/access';
import { Networks } from './networks.ts';

/** Windows of time are told apart by the second. */
const TIME_STEP_MS = 1000;

/**
 * Which of the conditions on circumstances hold, as a text with a mark for each: it is part of the name under which an ability is kept, so
 * that what depends on the hour or the network is compiled once for each state that there is.
 */
export class CircumstanceBits {
  readonly #places = new Map<string, number>();
  readonly #tests: { readonly test: EnvironmentTest; readonly effect: Rule['effect'] }[] = [];
  readonly #networks = new Networks();
  #step = Number.NaN;
  readonly #inTime = new Map<number, '0' | '1'>();

  constructor(rules: readonly Rule[]) {
    for (const { effect, when } of rules) {
      for (const test of when) {
        const name = nameOf(test, effect);
        if (this.#places.has(name)) continue;
        this.#places.set(name, this.#tests.length);
        this.#tests.push({ test, effect });
      }
    }
  }

  /** The marks for a request. */
  of({ credential }: Principal, { nowMs, address }: Circumstances): string {
    if (this.#tests.length === 0) return '';
    const isFrom = (network: string) => (address === undefined ? undefined : this.#networks.contains(network, address));
    const environment: Environment = { nowMs, credential, isFrom };
    this.#forgetOtherTimes(nowMs);
    return this.#tests.map((_, place) => this.#bit(place, environment)).join('');
  }

  /** Whether all conditions of a rule hold by the marks of a request. */
  holdAll({ effect, when }: Rule, bits: string): boolean {
    return when.every((test) => bits[this.#places.get(nameOf(test, effect)) ?? -1] === '1');
  }

  /** The clocks of time zones are dear to ask. */
  #bit(place: number, environment: Environment): '0' | '1' {
    const { test, effect } = this.#tests[place] ?? {};
    if (test === undefined || effect === undefined) return '0';
    const known = this.#inTime.get(place);
    if (known !== undefined) return known;
    const bit = holds(test, environment, effect) ? '1' : '0';
    if (test.kind === 'time') this.#inTime.set(place, bit);
    return bit;
  }

  #forgetOtherTimes(nowMs: number): void {
    const step = Math.floor(nowMs / TIME_STEP_MS);
    if (step !== this.#step) this.#inTime.clear();
    this.#step = step;
  }
}

function nameOf(test: EnvironmentTest, effect: Rule['effect']): string {
  return `${effect} ${JSON.stringify(test)}`;
}
