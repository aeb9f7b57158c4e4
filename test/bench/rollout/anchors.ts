import { isAborting, isAtLeast, isThereAndAtLeast, runAnalysis } from './argo-rollouts-rules.ts';
import type { CandidateStream } from './candidate-stream.ts';
import { rollbackAtMs } from './flagger-rules.ts';
import { type RateQuery, successRate } from './prometheus-success-rate.ts';

/** The gate of all that are compared: at most so many of the candidate's requests may fail. */
export const MAX_ERROR_RATE = 0.01;
const MIN_SUCCESS_RATE = 1 - MAX_ERROR_RATE;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Another system in one setting. */
export interface Anchor {
  readonly name: string;
  /**
   * When it takes a candidate out that keeps its share of the traffic until then.
   *
   * @param firstScrape01 where in the scrape interval the first scrape falls, 0 to 1.
   * @param untilMs how far the stream reaches.
   * @returns milliseconds since the candidate got traffic; `undefined` when it does not.
   */
  rollbackAtMs(stream: CandidateStream, firstScrape01: number, untilMs: number): number | undefined;
}

/**
 * Argo Rollouts and Flagger, each as its documentation shows it and as fast as it can sensibly be set.
 *
 * As documented, with the gate's limit in the place of the examples': Argo Rollouts with the example of docs/features/analysis.md
 * (every 5 minutes, `irate` over 5 minutes, `failureLimit: 3`) and Prometheus's usual scrapes of 15 s; Flagger with the default interval
 * of 60 s and metric interval of a minute, the `threshold: 5` of its tutorials, and the scrapes of 5 s of its own Prometheus chart.
 *
 * Fastest: scrapes each second, a look every 10 s, which is the least that Flagger allows, and the first failure counts. Argo Rollouts
 * looks after 10 s first: before, there is nothing to see. The window of a minute costs nothing, because the counters of a new candidate
 * begin in it; with half of it, three healthy rollouts in four are rolled back.
 */
export const ANCHORS: readonly Anchor[] = [
  argoRollouts(
    'Argo Rollouts default',
    { intervalMs: 5 * MINUTE_MS, failureLimit: 3, successCondition: isAtLeast(MIN_SUCCESS_RATE) },
    { scrapeEveryMs: 15 * SECOND_MS, function: 'irate', windowMs: 5 * MINUTE_MS },
  ),
  argoRollouts(
    'Argo Rollouts fastest',
    {
      initialDelayMs: 10 * SECOND_MS,
      intervalMs: 10 * SECOND_MS,
      failureLimit: 0,
      successCondition: isThereAndAtLeast(MIN_SUCCESS_RATE),
    },
    { scrapeEveryMs: SECOND_MS, function: 'rate', windowMs: MINUTE_MS },
  ),
  flagger(
    'Flagger default',
    { intervalMs: MINUTE_MS, threshold: 5, min: MIN_SUCCESS_RATE },
    { scrapeEveryMs: 5 * SECOND_MS, function: 'rate', windowMs: MINUTE_MS },
  ),
  flagger(
    'Flagger fastest',
    { intervalMs: 10 * SECOND_MS, threshold: 1, min: MIN_SUCCESS_RATE },
    { scrapeEveryMs: SECOND_MS, function: 'rate', windowMs: MINUTE_MS },
  ),
];

/** Longer than any of them needs for a candidate that fails too often. */
export const ANCHORS_HORIZON_MS = 30 * MINUTE_MS;

interface ScrapedQuery extends RateQuery {
  readonly scrapeEveryMs: number;
}

function argoRollouts(name: string, metric: Parameters<typeof runAnalysis>[0], query: ScrapedQuery): Anchor {
  return {
    name,
    rollbackAtMs: (stream, firstScrape01, untilMs) => {
      const end = runAnalysis(metric, measuring(stream, query, firstScrape01), untilMs);
      return end !== undefined && isAborting(end) ? end.atMs : undefined;
    },
  };
}

function flagger(name: string, analysis: Parameters<typeof rollbackAtMs>[0], query: ScrapedQuery): Anchor {
  return {
    name,
    rollbackAtMs: (stream, firstScrape01, untilMs) =>
      rollbackAtMs(analysis, measuring(stream, query, firstScrape01), untilMs),
  };
}

function measuring(stream: CandidateStream, query: ScrapedQuery, firstScrape01: number) {
  const scraping = { everyMs: query.scrapeEveryMs, firstMs: firstScrape01 * query.scrapeEveryMs };
  return (atMs: number) => successRate(stream, scraping, query, atMs);
}
