import type { TrafficCounts } from '#domain/traffic';
import { countEvents } from './count-events.ts';
import type { LabelSegment } from './drift-evidence.ts';
import type { ErrorSegment } from './e-process.ts';
import { type EventGate, gateKeys, isAsked, type OutputDriftGate, type RolloutGate } from './gates.ts';
import { labelCountsOf } from './judge-drift.ts';
import type { LatencyBaseline } from './latency-baseline.ts';

/** Totals of the two versions. */
export interface Pair<T> {
  readonly candidate: T;
  readonly stable: T;
}

/** A weight that was left, with the totals at that time: between two weights, they tell what fell into which share of the traffic. */
export interface ClosedWeight {
  /** The candidate's share, 0 to 1. */
  readonly share: number;
  /** Events by gate. */
  readonly events: Readonly<Record<string, Pair<number>>>;
  /** Labels by gate. */
  readonly labels?: Readonly<Record<string, Pair<Readonly<Record<string, number>>>>>;
}

/** Limits of relative latency gates, by key. */
export type Baselines = Readonly<Record<string, LatencyBaseline>>;

/** Remembers the totals at the end of a weight. */
export function closeWeight(
  share: number,
  gates: readonly RolloutGate[],
  traffic: Pair<TrafficCounts>,
  baselines: Baselines,
): ClosedWeight {
  const events: Record<string, Pair<number>> = {};
  const labels: Record<string, Pair<Readonly<Record<string, number>>>> = {};
  const keys = gateKeys(gates);
  for (const [index, gate] of gates.entries()) {
    const key = keys[index] ?? '';
    if (isAsked(gate)) continue;
    if (gate.metric === 'output-drift') {
      const of = (counts: TrafficCounts) => Object.fromEntries(labelCountsOf(counts, gate.output));
      labels[key] = { candidate: of(traffic.candidate), stable: of(traffic.stable) };
      continue;
    }
    const thresholdMs = thresholdOf(gate, baselines[key]);
    if (thresholdMs === undefined) continue;
    events[key] = eventTotals(gate, traffic, thresholdMs);
  }
  return { share, events, ...(Object.keys(labels).length === 0 ? {} : { labels }) };
}

/** A latency gate's limit in ms; 0 for other gates, `undefined` before it is known. */
export function thresholdOf(gate: EventGate, baseline: LatencyBaseline | undefined): number | undefined {
  if (gate.metric !== 'latency') return 0;
  return gate.limit.kind === 'absolute' ? gate.limit.maxMs : baseline?.thresholdMs;
}

/** Events of one gate by weight, the present one included. */
export function eventSegments(
  key: string,
  gate: EventGate,
  traffic: Pair<TrafficCounts>,
  history: WeightHistory,
): ErrorSegment[] {
  const baseline = history.baselines[key];
  const thresholdMs = thresholdOf(gate, baseline) ?? 0;
  const first = { candidate: baseline?.candidate.events ?? 0, stable: baseline?.stable.events ?? 0 };
  // A weight that was left before the limit was known has no totals of this gate.
  const closed = history.closed.flatMap(({ share, events }) => (events[key] ? [{ share, totals: events[key] }] : []));
  const present = { share: history.share, totals: eventTotals(gate, traffic, thresholdMs) };
  return [...closed, present].map(({ share, totals }, index) => {
    const before = closed[index - 1]?.totals ?? first;
    return {
      share,
      candidateErrors: Math.max(0, totals.candidate - before.candidate),
      stableErrors: Math.max(0, totals.stable - before.stable),
    };
  });
}

/** Answers by label and weight, the present one included. */
export function labelSegments(
  key: string,
  gate: OutputDriftGate,
  traffic: Pair<TrafficCounts>,
  history: WeightHistory,
): LabelSegment[] {
  const closed = history.closed.flatMap(({ share, labels }) => {
    const totals = labels?.[key];
    if (totals === undefined) return [];
    return [
      {
        share,
        totals: {
          candidate: new Map(Object.entries(totals.candidate)),
          stable: new Map(Object.entries(totals.stable)),
        },
      },
    ];
  });
  const totals = {
    candidate: labelCountsOf(traffic.candidate, gate.output),
    stable: labelCountsOf(traffic.stable, gate.output),
  };
  return [...closed, { share: history.share, totals }].map((weight, index) => ({
    share: weight.share,
    candidate: difference(weight.totals.candidate, closed[index - 1]?.totals.candidate),
    stable: difference(weight.totals.stable, closed[index - 1]?.totals.stable),
  }));
}

/** The weights of a rollout so far. */
export interface WeightHistory {
  readonly closed: readonly ClosedWeight[];
  /** The present share, 0 to 1. */
  readonly share: number;
  readonly baselines: Baselines;
}

function eventTotals(gate: EventGate, { candidate, stable }: Pair<TrafficCounts>, thresholdMs: number): Pair<number> {
  return {
    candidate: countEvents(gate, candidate, thresholdMs).events,
    stable: countEvents(gate, stable, thresholdMs).events,
  };
}

function difference(
  totals: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, number> {
  if (before === undefined) return totals;
  return new Map([...totals].map(([label, count]) => [label, Math.max(0, count - (before.get(label) ?? 0))]));
}
