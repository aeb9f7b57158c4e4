import type { TrafficCounts } from '#domain/traffic';
import type { EventCounts } from './gate-verdict.ts';
import type { LatencyGate } from './gates.ts';

/**
 * What a latency is compared with, fixed early in a rollout: a limit that followed stable's present latency would depend on the same
 * answers that it judges, and its chance of a false alarm would be unknown.
 */
export interface LatencyBaseline {
  readonly thresholdMs: number;
  /** What was counted before the limit was known is not judged. */
  readonly candidate: EventCounts;
  readonly stable: EventCounts;
}

/** Observations beyond the quantile, that make it known well enough. */
const TAIL_OBSERVATIONS = 10;

/** Stable's answers that a relative limit is taken from. */
export function baselineSize({ quantile }: LatencyGate): number {
  return Math.round(TAIL_OBSERVATIONS / (1 - quantile));
}

/** The baseline, as soon as stable has answered enough; `undefined` before. */
export function takeBaseline(
  gate: LatencyGate,
  candidate: TrafficCounts,
  stable: TrafficCounts,
): LatencyBaseline | undefined {
  if (gate.limit.kind !== 'ratio' || stable.latency === undefined) return undefined;
  if (stable.latency.count < baselineSize(gate)) return undefined;
  const thresholdMs = stable.latency.quantile(gate.quantile) * gate.limit.maxRatio;
  const countsOf = ({ latency }: TrafficCounts): EventCounts => ({
    requests: latency?.count ?? 0,
    events: latency?.countAbove(thresholdMs) ?? 0,
  });
  return { thresholdMs, candidate: countsOf(candidate), stable: countsOf(stable) };
}
