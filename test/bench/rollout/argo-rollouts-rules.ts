/**
 * When Argo Rollouts ends an AnalysisRun with one metric: its rules written anew, without clusters, from its code at
 * 9f8d111d8f8e3e88b6d7f8bbdf62fd3cd863ef9d (2026-08-17).
 *
 * - The first measurement is taken at once, or after `initialDelay`; the next one `interval` after the last, or 10 s after one that
 *   could not be evaluated (generateMetricTasks, calculateNextReconcileTime and DefaultErrorRetryInterval in analysis/analysis.go).
 * - Without a failure condition a measurement fails when it does not succeed; with both, one that does neither is inconclusive
 *   (EvaluateResult in utils/evaluate/evaluate.go). An index into an empty vector cannot be evaluated.
 * - The run fails when `failed > failureLimit` (0 by default), is inconclusive when `inconclusive > inconclusiveLimit` (0), and an error
 *   when `consecutiveErrors > consecutiveErrorLimit` (4); of several, the last in this order counts
 *   (assessMetricFailureInconclusiveOrError in analysis/analysis.go, DefaultConsecutiveErrorLimit in utils/defaults/defaults.go).
 * - With a `count` it is successful after so many measurements, else it goes on (assessMetricStatus; EffectiveCount in
 *   pkg/apis/rollouts/v1alpha1/analysis_types.go).
 * - A rollout is aborted by a run that failed or was an error, and paused by one that was inconclusive (rollout/analysis.go:379-384).
 */

const ERROR_RETRY_MS = 10_000;

/** A condition on the values that a provider answered; `undefined` when it cannot be evaluated. */
export type Condition = (result: readonly number[]) => boolean | undefined;

/** A metric of an AnalysisTemplate. */
export interface ArgoMetric {
  readonly initialDelayMs?: number;
  readonly intervalMs: number;
  /** Absent: without end. */
  readonly count?: number;
  readonly successCondition?: Condition;
  readonly failureCondition?: Condition;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
}

export type MeasurementPhase = 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

/** How a run ended, and when: milliseconds since its start. */
export interface AnalysisEnd {
  readonly phase: MeasurementPhase;
  readonly atMs: number;
}

/** `result[0] >= limit`, as the documentation's examples have it. */
export const isAtLeast =
  (limit: number): Condition =>
  ([value]) =>
    value === undefined ? undefined : value >= limit;

/** `len(result) > 0 && result[0] >= limit`, as the documentation advises where there may be no data. */
export const isThereAndAtLeast =
  (limit: number): Condition =>
  ([value]) =>
    value !== undefined && value >= limit;

/**
 * Runs an analysis.
 *
 * @param measure what the provider answers at a moment, in milliseconds since the start.
 * @param untilMs nothing is measured after that.
 * @returns `undefined` while it goes on.
 */
export function runAnalysis(
  metric: ArgoMetric,
  measure: (atMs: number) => readonly number[],
  untilMs: number,
): AnalysisEnd | undefined {
  const counts: Counts = { measured: 0, failed: 0, inconclusive: 0, consecutiveErrors: 0 };
  for (let atMs = metric.initialDelayMs ?? 0; atMs <= untilMs; ) {
    const phase = evaluate(metric, measure(atMs));
    if (phase !== 'Error') counts.measured += 1;
    if (phase === 'Failed') counts.failed += 1;
    if (phase === 'Inconclusive') counts.inconclusive += 1;
    counts.consecutiveErrors = phase === 'Error' ? counts.consecutiveErrors + 1 : 0;
    const end = assess(metric, counts);
    if (end !== undefined) return { phase: end, atMs };
    atMs += phase === 'Error' ? ERROR_RETRY_MS : metric.intervalMs;
  }
  return undefined;
}

/** Whether a rollout is aborted when its analysis ends so. */
export function isAborting({ phase }: AnalysisEnd): boolean {
  return phase === 'Failed' || phase === 'Error';
}

interface Counts {
  /** Errors left out. */
  measured: number;
  failed: number;
  inconclusive: number;
  consecutiveErrors: number;
}

function evaluate({ successCondition, failureCondition }: ArgoMetric, result: readonly number[]): MeasurementPhase {
  const [succeeds, fails] = [successCondition?.(result), failureCondition?.(result)];
  const isUnclear = (condition: Condition | undefined, value: boolean | undefined) =>
    condition !== undefined && value === undefined;
  if (isUnclear(successCondition, succeeds) || isUnclear(failureCondition, fails)) return 'Error';
  if (fails ?? (succeeds !== undefined && !succeeds)) return 'Failed';
  return (succeeds ?? true) ? 'Successful' : 'Inconclusive';
}

function assess(metric: ArgoMetric, counts: Counts): MeasurementPhase | undefined {
  const { failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4, count } = metric;
  if (counts.consecutiveErrors > consecutiveErrorLimit) return 'Error';
  if (counts.inconclusive > inconclusiveLimit) return 'Inconclusive';
  if (counts.failed > failureLimit) return 'Failed';
  return count !== undefined && counts.measured >= count ? 'Successful' : undefined;
}
