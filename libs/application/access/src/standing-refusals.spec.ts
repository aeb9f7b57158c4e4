import { beforeEach, describe, expect, it } from 'vitest';
import { type Repeats, StandingRefusals } from './standing-refusals.ts';

const HOUR_MS = 3_600_000;

let clockMs: number;
let told: [string, Repeats | undefined][];
let refusals: StandingRefusals;
beforeEach(() => {
  clockMs = 0;
  told = [];
  refusals = new StandingRefusals(() => clockMs);
});

/** Has somebody refused again and again, every five seconds. */
function refuse(who: string, times: number, reason = 'wrong key'): void {
  for (let time = 0; time < times; time += 1) {
    refusals.refused(who, reason, (repeats) => told.push([`${who}: ${reason}`, repeats]));
    clockMs += 5000;
  }
}

describe('a refusal', () => {
  it('is told of at once, whoever else is refused, and when it comes again it is counted', () => {
    refuse('edge', 100);
    refuse('shop', 1);
    refuse('edge', 100);
    expect(told).toEqual([
      ['edge: wrong key', undefined],
      ['shop: wrong key', undefined],
    ]);
  });

  it('is told of again with its count when it is another one, and when it ends', () => {
    refuse('edge', 4);
    refuse('edge', 2, 'revoked');
    refusals.ended('edge');
    refusals.ended('edge');
    expect(told).toEqual([
      ['edge: wrong key', undefined],
      ['edge: wrong key', { count: 3, firstAtMs: 5000, lastAtMs: 15_000 }],
      ['edge: revoked', undefined],
      ['edge: revoked', { count: 1, firstAtMs: 25_000, lastAtMs: 25_000 }],
    ]);
    refuse('edge', 1, 'revoked');
    expect(told[4]).toEqual(['edge: revoked', undefined]);
  });

  it('is told of once an hour while it lasts', () => {
    for (; clockMs < 2 * HOUR_MS; refusals.tend()) refuse('edge', 1);
    expect(told).toEqual([
      ['edge: wrong key', undefined],
      ['edge: wrong key', { count: 719, firstAtMs: 5000, lastAtMs: HOUR_MS - 5000 }],
      ['edge: wrong key', { count: 720, firstAtMs: HOUR_MS, lastAtMs: 2 * HOUR_MS - 5000 }],
    ]);
  });

  it('is told of for the last time when nobody has come for ten minutes, and is a new one then', () => {
    refuse('edge', 3);
    clockMs += 590_000;
    refusals.tend();
    expect(told).toHaveLength(1);
    clockMs += 5000;
    refusals.tend();
    expect(told[1]).toEqual(['edge: wrong key', { count: 2, firstAtMs: 5000, lastAtMs: 10_000 }]);
    refuse('edge', 1);
    expect(told[2]).toEqual(['edge: wrong key', undefined]);
  });

  it('is told of at the end with what was not told yet', () => {
    refuse('edge', 3);
    refuse('shop', 1);
    refusals.close();
    refusals.close();
    expect(told.slice(2).map(([what, repeats]) => [what, repeats?.count])).toEqual([['edge: wrong key', 2]]);
  });

  it('is forgotten, and told of, when a thousand others have come since', () => {
    refuse('edge', 2);
    for (let number = 0; number < 999; number += 1) refuse(`${number}`, 1);
    refuse('edge', 1);
    expect(told).toHaveLength(1000);
    refuse('999', 1);
    expect(told.slice(1000).map(([what, repeats]) => [what, repeats?.count])).toEqual([
      ['999: wrong key', undefined],
      ['edge: wrong key', 2],
    ]);
    refuse('edge', 1);
    expect(told).toHaveLength(1003);
  });
});
