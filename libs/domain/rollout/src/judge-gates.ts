import { assertNever } from '#domain/errors';
import type { TrafficCounts } from '#domain/traffic';
import { countEvents, describeEvent, toleratedShare } from './count-events.ts';
import { judgeErrorRate } from './gate.ts';
import type { EventCounts, GateVerdict, NamedVerdict } from './gate-verdict.ts';
import { type EventGate, type ExternalReading, gateKeys, isAsked, type RolloutGate } from './gates.ts';
import { judgeDrift } from './judge-drift.ts';
import { judgeEvents } from './judge-events.ts';
import { judgeReadings } from './judge-readings.ts';
import { baselineSize } from './latency-baseline.ts';
import { eventSegments, labelSegments, type Pair, thresholdOf, type WeightHistory } from './weight-segments.ts';

/** Part of the error-rate gate's chance of a false alarm that the gateways' breakers have together. */
export const BREAKER_SHARE = 0.1;

/** All that the gates of a rollout look at. */
export interface GateView {
  readonly gates: readonly RolloutGate[];
  readonly traffic: Pair<TrafficCounts>;
  readonly history: WeightHistory;
  /** By gate, oldest first. */
  readonly readings: ReadonlyMap<string, readonly ExternalReading[]>;
  /** Whether the gateways' breakers have their share of the error-rate gates' α. */
  readonly hasBreaker: boolean;
}

/** Every gate's verdict on a candidate, in the order of the gates. */
export function judgeGates(view: GateView): readonly NamedVerdict[] {
  const keys = gateKeys(view.gates);
  const sharers = view.gates.filter((gate) => !isAsked(gate)).length;
  return view.gates.map((gate, index) => {
    const key = keys[index] ?? '';
    return { key, ...judge(gate, key, sharers, view) };
  });
}

function judge(gate: RolloutGate, key: string, sharers: number, view: GateView): GateVerdict {
  const { traffic, history } = view;
  switch (gate.metric) {
    case 'prometheus':
    case 'http':
    case 'plugin':
      return judgeReadings(gate, key, view.readings.get(key) ?? []);
    case 'output-drift': {
      const alpha = (1 - gate.confidence) / sharers;
      return judgeDrift(gate, alpha, traffic, labelSegments(key, gate, traffic, history));
    }
    case 'error-rate': {
      const segments = eventSegments(key, gate, traffic, history);
      return judgeErrorRate(gate, sharers, { ...traffic, segments }, view.hasBreaker ? 1 - BREAKER_SHARE : 1);
    }
    case 'latency':
    case 'non-finite-outputs':
    case 'constant-outputs':
    case 'agreement':
      return judgeCounted(gate, key, sharers, view);
    default:
      return assertNever(gate);
  }
}

function judgeCounted(
  gate: Exclude<EventGate, { metric: 'error-rate' }>,
  key: string,
  sharers: number,
  { traffic, history }: GateView,
): GateVerdict {
  const baseline = history.baselines[key];
  const thresholdMs = thresholdOf(gate, baseline);
  if (thresholdMs === undefined) {
    const needed = gate.metric === 'latency' ? baselineSize(gate) : 0;
    const reason = `${gate.metric}: stable has answered ${traffic.stable.latency?.count ?? 0} of the ${needed} requests that the limit is taken from`;
    return { kind: 'inconclusive', reason };
  }
  const isCompared = gate.metric !== 'agreement';
  return judgeEvents({
    gate: gate.metric,
    what: describeEvent(gate, thresholdMs),
    tolerated: toleratedShare(gate),
    alpha: (1 - gate.confidence) / sharers,
    against: gate.against,
    minRequests: gate.minRequests,
    candidate: since(baseline?.candidate, countEvents(gate, traffic.candidate, thresholdMs)),
    stable: isCompared ? since(baseline?.stable, countEvents(gate, traffic.stable, thresholdMs)) : NOTHING,
    segments: eventSegments(key, gate, traffic, history),
    ...(gate.metric === 'latency' ? { details: { thresholdMs } } : {}),
  });
}

const NOTHING: EventCounts = { requests: 0, events: 0 };

function since(before: EventCounts | undefined, now: EventCounts): EventCounts {
  return {
    requests: now.requests - (before?.requests ?? 0),
    events: now.events - (before?.events ?? 0),
  };
}
