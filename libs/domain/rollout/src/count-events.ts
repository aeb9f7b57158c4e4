import { assertNever } from '#domain/errors';
import type { TrafficCounts } from '#domain/traffic';
import type { EventCounts } from './gate-verdict.ts';
import type { EventGate } from './gates.ts';

/**
 * What a gate counts in a version's traffic.
 *
 * @param thresholdMs of a latency gate.
 */
export function countEvents(gate: EventGate, traffic: TrafficCounts, thresholdMs: number): EventCounts {
  const { requests } = traffic;
  switch (gate.metric) {
    case 'error-rate':
      return { requests, events: traffic.serverErrors };
    case 'latency':
      return { requests: traffic.latency?.count ?? 0, events: traffic.latency?.countAbove(thresholdMs) ?? 0 };
    case 'non-finite-outputs':
      return { requests, events: traffic.nonFinite ?? 0 };
    case 'constant-outputs':
      return { requests, events: traffic.constant ?? 0 };
    case 'agreement': {
      const { mirrored } = traffic;
      return { requests: mirrored?.compared ?? 0, events: mirrored?.disagreements.get(gate.output) ?? 0 };
    }
    default:
      return assertNever(gate);
  }
}

/** Share of events that a gate tolerates. */
export function toleratedShare(gate: EventGate): number {
  if (gate.metric === 'latency') return 1 - gate.quantile;
  return gate.metric === 'agreement' ? 1 - gate.min : gate.max;
}

/** What happened to a request that a gate counts. */
export function describeEvent(gate: EventGate, thresholdMs: number): string {
  switch (gate.metric) {
    case 'error-rate':
      return 'failed';
    case 'latency':
      return `took longer than ${thresholdMs.toFixed(1)} ms`;
    case 'non-finite-outputs':
      return 'were answered with NaN or an infinity';
    case 'constant-outputs':
      return 'were answered as the one before them';
    case 'agreement':
      return `were answered otherwise than by stable in ${gate.output}`;
    default:
      return assertNever(gate);
  }
}
