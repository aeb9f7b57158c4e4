/**
 * When Flagger rolls a canary back: its rules written anew, without clusters, from its code at
 * 15bd6ad555e6c935da55f0ab95977be74c149bd6 (2026-07-21).
 *
 * - A job calls advanceCanary once in an interval (pkg/controller/job.go): 60 s by default, at least 10 s
 *   (GetAnalysisInterval in pkg/apis/flagger/v1beta1/canary.go).
 * - The tick that gives the canary its first weight checks no metric (pkg/controller/scheduler.go:449-459); it is tick 0 here.
 * - Each later tick first looks whether `failedChecks >= threshold` (1 by default) and rolls back if so (scheduler.go:430-441); only
 *   then it checks the metrics, and one that fails adds 1 (scheduler.go:461-466). The checks that failed add up over the whole run.
 * - A success rate that is below the least accepted one fails, and so does no value or NaN (runBuiltinMetricChecks in
 *   pkg/controller/scheduler_metrics.go, RunQuery in pkg/metrics/providers/prometheus.go).
 */

const LEAST_INTERVAL_MS = 10_000;

/** The analysis of a Canary with the built-in success rate. */
export interface FlaggerAnalysis {
  readonly intervalMs: number;
  readonly threshold?: number;
  /** Least accepted success rate, 0 to 1. */
  readonly min: number;
}

/**
 * Runs an analysis.
 *
 * @param measure what Prometheus answers at a moment, in milliseconds since the canary got its weight.
 * @param untilMs nothing happens after that.
 * @returns when traffic is routed back to the primary; `undefined` while it is not.
 */
export function rollbackAtMs(
  { intervalMs, threshold = 1, min }: FlaggerAnalysis,
  measure: (atMs: number) => readonly number[],
  untilMs: number,
): number | undefined {
  const everyMs = Math.max(LEAST_INTERVAL_MS, intervalMs);
  let failedChecks = 0;
  for (let atMs = everyMs; atMs <= untilMs; atMs += everyMs) {
    if (failedChecks >= threshold) return atMs;
    const [rate = Number.NaN] = measure(atMs);
    if (!(rate >= min)) failedChecks += 1;
  }
  return undefined;
}
