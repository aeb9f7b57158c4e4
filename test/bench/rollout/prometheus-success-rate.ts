import { type CandidateStream, countUntil } from './candidate-stream.ts';

/** How Prometheus comes to know a candidate's counters. */
export interface Scraping {
  readonly everyMs: number;
  /** Of the first scrape after the candidate got traffic; 0 to `everyMs`. */
  readonly firstMs: number;
}

/** The range of a query: `rate(…[window])`, or `irate(…[window])`, which looks at the last two samples in it. */
export interface RateQuery {
  readonly function: 'rate' | 'irate';
  readonly windowMs: number;
}

/**
 * What `sum(rate(requests{code!~"5.."}[w])) / sum(rate(requests[w]))` answers at a moment, computed as Prometheus does from the samples
 * that it has by then. There is one series for successes and one for errors, and each begins at the first scrape after its first request:
 * a candidate that only fails has no series of successes, and the query no result.
 *
 * Generous to who asks: scrapes and queries take no time, and never fail.
 *
 * @returns the vector's values: none, or one, which is NaN when nothing was requested in the window.
 * @see extrapolatedRate and instantValue in promql/functions.go of prometheus/prometheus at 003b9e9
 */
export function successRate(
  { successesMs, errorsMs }: CandidateStream,
  scraping: Scraping,
  query: RateQuery,
  atMs: number,
): readonly number[] {
  const rateOf = query.function === 'rate' ? extrapolatedRate : instantRate;
  const successes = rateOf(samplesOf(successesMs, scraping, atMs - query.windowMs, atMs), atMs, query.windowMs);
  if (successes === undefined) return [];
  const errors = rateOf(samplesOf(errorsMs, scraping, atMs - query.windowMs, atMs), atMs, query.windowMs) ?? 0;
  return [successes / (successes + errors)];
}

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** The samples of a counter in a range, which is open on its left. */
function samplesOf(
  eventsMs: ArrayLike<number>,
  { everyMs, firstMs }: Scraping,
  fromMs: number,
  toMs: number,
): Sample[] {
  const samples: Sample[] = [];
  const first = Math.max(0, Math.floor((fromMs - firstMs) / everyMs) + 1);
  for (let atMs = firstMs + first * everyMs; atMs <= toMs; atMs += everyMs) {
    const value = countUntil(eventsMs, atMs);
    if (value > 0) samples.push({ atMs, value });
  }
  return samples;
}

/** Per second; `undefined` without two samples. */
function extrapolatedRate(samples: readonly Sample[], atMs: number, windowMs: number): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  const sampledMs = last.atMs - first.atMs;
  const betweenMs = sampledMs / (samples.length - 1);
  const increase = last.value - first.value;
  // Up to the ends of the window where a sample is as near as can be expected, else by half of what lies between two samples.
  const reachOf = (gapMs: number) => (gapMs >= betweenMs * 1.1 ? betweenMs / 2 : gapMs);
  const toZeroMs = increase > 0 ? sampledMs * (first.value / increase) : Number.POSITIVE_INFINITY;
  const beforeMs = Math.min(reachOf(first.atMs - (atMs - windowMs)), toZeroMs);
  const afterMs = reachOf(atMs - last.atMs);
  return (increase * ((sampledMs + beforeMs + afterMs) / sampledMs)) / (windowMs / 1000);
}

function instantRate(samples: readonly Sample[]): number | undefined {
  const [before, last] = samples.slice(-2);
  if (before === undefined || last === undefined) return undefined;
  return (last.value - before.value) / ((last.atMs - before.atMs) / 1000);
}
