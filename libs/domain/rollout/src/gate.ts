import type { TrafficCounts } from '#domain/traffic';
import type { ErrorSegment } from './e-process.ts';
import type { GateVerdict } from './gate-verdict.ts';
import type { ErrorRateGate } from './gates.ts';
import { judgeEvents } from './judge-events.ts';

/** All that the error-rate gate looks at. */
export interface GateObservation {
  readonly candidate: TrafficCounts;
  readonly stable: TrafficCounts;
  readonly segments: readonly ErrorSegment[];
}

/**
 * Judges a candidate's error rate, mirrored requests included: whether a client waits for its answer changes nothing about a failure.
 *
 * @param gateCount gates that can each roll back share the α of the rollout, so that their chances of a false alarm add up to it.
 * @param share of the gate's own α that is left to it; gateways' breakers have the rest.
 */
export function judgeErrorRate(
  gate: ErrorRateGate,
  gateCount: number,
  { candidate, stable, segments }: GateObservation,
  share = 1,
): GateVerdict {
  return judgeEvents({
    gate: gate.metric,
    what: 'failed',
    tolerated: gate.max,
    alpha: ((1 - gate.confidence) / gateCount) * share,
    against: gate.against,
    minRequests: gate.minRequests,
    candidate: {
      requests: candidate.requests + (candidate.mirrored?.requests ?? 0),
      events: candidate.serverErrors + (candidate.mirrored?.serverErrors ?? 0),
      ...(candidate.firstErrorAtMs === undefined ? {} : { firstErrorAtMs: candidate.firstErrorAtMs }),
      ...(candidate.lastError === undefined ? {} : { lastError: candidate.lastError }),
    },
    stable: { requests: stable.requests, events: stable.serverErrors },
    segments,
  });
}
