import { describe, expect, it } from 'vitest';
import type { CandidateStream } from './candidate-stream.ts';
import { type RateQuery, successRate } from './prometheus-success-rate.ts';

const SECOND = 1000;
const scraping = { everyMs: 15 * SECOND, firstMs: 5 * SECOND };
const overMinute: RateQuery = { function: 'rate', windowMs: 60 * SECOND };

/** One event every so many milliseconds, the first one after as many, or later. */
function every(betweenMs: number, untilMs: number, fromMs = 0): number[] {
  return Array.from(
    { length: Math.floor((untilMs - fromMs) / betweenMs) },
    (_, index) => fromMs + (index + 1) * betweenMs,
  );
}

const stream = (over: Partial<CandidateStream> = {}): CandidateStream => ({
  successesMs: every(100, 300 * SECOND),
  errorsMs: every(900, 300 * SECOND),
  ...over,
});

describe('the success rate that Prometheus answers', () => {
  it.each(['rate', 'irate'] as const)('by %s is that of the requests', (name) => {
    const [rate] = successRate(stream(), scraping, { ...overMinute, function: name }, 200 * SECOND);
    expect(rate).toBeCloseTo(0.9, 2);
  });

  it('is no value before two scrapes saw a success', () => {
    expect(successRate(stream(), scraping, overMinute, 0)).toEqual([]);
    expect(successRate(stream(), scraping, overMinute, 19 * SECOND)).toEqual([]);
    expect(successRate(stream(), scraping, overMinute, 20 * SECOND)).toHaveLength(1);
  });

  it('is no value while nothing succeeds: there is no such series', () => {
    expect(successRate(stream({ successesMs: [] }), scraping, overMinute, 200 * SECOND)).toEqual([]);
  });

  it('is NaN when nothing was requested for longer than the window', () => {
    const past = stream({ successesMs: [1], errorsMs: [2] });
    expect(successRate(past, scraping, overMinute, 200 * SECOND)).toEqual([Number.NaN]);
  });

  it('misses the errors before the first scrape that saw one', () => {
    const early = stream({ errorsMs: every(1, 10 * SECOND) });
    expect(successRate(early, { everyMs: 15 * SECOND, firstMs: 12 * SECOND }, overMinute, 50 * SECOND)).toEqual([1]);
  });

  it('forgets what is older than the window, and by irate what is older than two scrapes', () => {
    const ending = stream({ errorsMs: every(100, 60 * SECOND) });
    const at = (seconds: number, name: RateQuery['function']) =>
      successRate(ending, scraping, { ...overMinute, function: name }, seconds * SECOND)[0];
    expect(at(64, 'rate')).toBeCloseTo(0.5, 1);
    expect(at(100, 'rate')).toBeGreaterThan(0.5);
    expect(at(100, 'irate')).toBe(1);
    expect(at(125, 'rate')).toBe(1);
  });
});

it('rates are extrapolated to the ends of the window as Prometheus does', () => {
  // In (6 s, 66 s] lie scrapes at 20, 35, 50 and 65 s. Errors begin at 31 s, so that their series begins at 35 s, with five of them.
  // Both are extrapolated by 1 s at the end; at the start successes by 14 s to 6 s, errors by 5 s to where they were zero.
  const { successesMs } = stream();
  const errorsMs = every(1000, 300 * SECOND, 30 * SECOND);
  const successes = 450 * ((45 + 14 + 1) / 45);
  const errors = 30 * ((30 + 5 + 1) / 30);
  expect(successRate({ successesMs, errorsMs }, scraping, overMinute, 66 * SECOND)[0]).toBeCloseTo(
    successes / (successes + errors),
    6,
  );
});
