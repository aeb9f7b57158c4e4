import type { TrafficCounts } from '#domain/traffic';
import type { ErrorRateGate } from './gates.ts';
import { type ErrorSegment, logEvidenceAgainstRate, logEvidenceAgainstStable } from './e-process.ts';

/** All that a gate looks at. */
export interface GateObservation {
  readonly candidate: TrafficCounts;
  readonly stable: TrafficCounts;
  readonly segments: readonly ErrorSegment[];
}

/** The numbers that a gate decided on. */
export interface GateEvidence extends GateObservation {
  readonly gate: string;
  readonly max: number;
  readonly alpha: number;
  readonly log10Absolute: number;
  /** Absent when stable was within the limit, so that the candidate alone was judged. */
  readonly log10Relative?: number;
}

/** A gate's answer. `inconclusive`: not failed, and too few requests to promote on. */
export interface GateVerdict {
  readonly kind: 'pass' | 'fail' | 'inconclusive';
  /** In words and numbers. */
  readonly reason: string;
  readonly evidence: GateEvidence;
}

/**
 * Judges a candidate's error rate; may be called after every request, any number of times.
 *
 * It fails when the evidence against `max` reaches 1/α and, where stable itself is above `max`, the evidence against being as
 * good as stable does too: when both are sick, the candidate is not to blame.
 *
 * @param gateCount gates that can each roll back share the α of the rollout, so that their chances of a false alarm add up to it.
 */
export function judgeErrorRate(gate: ErrorRateGate, gateCount: number, observation: GateObservation): GateVerdict {
  const { candidate, stable } = observation;
  const alpha = (1 - gate.confidence) / gateCount;
  const threshold = -Math.log(alpha);
  const absolute = logEvidenceAgainstRate(candidate.requests, candidate.serverErrors, gate.max);
  const isExcusable = gate.against === 'stable' && stable.serverErrors > stable.requests * gate.max;
  const relative = isExcusable ? logEvidenceAgainstStable(observation.segments) : undefined;
  const evidence: GateEvidence = {
    ...observation,
    gate: gate.metric,
    max: gate.max,
    alpha,
    log10Absolute: absolute / Math.LN10,
    ...(relative === undefined ? {} : { log10Relative: relative / Math.LN10 }),
  };
  const counts = `${candidate.serverErrors} of ${candidate.requests} candidate requests failed`;
  if (absolute >= threshold && (relative === undefined || relative >= threshold)) {
    const odds = `10^${evidence.log10Absolute.toFixed(1)} against a rate of at most ${gate.max}`;
    const bar = `needed 10^${(threshold / Math.LN10).toFixed(1)}`;
    return { kind: 'fail', reason: `error-rate: ${counts}, evidence ${odds} (${bar})`, evidence };
  }
  if (absolute >= threshold) {
    const stableCounts = `${stable.serverErrors} of ${stable.requests} stable requests did too`;
    return { kind: 'inconclusive', reason: `error-rate: ${counts}, but ${stableCounts}`, evidence };
  }
  if (candidate.requests < gate.minRequests) {
    return { kind: 'inconclusive', reason: `error-rate: ${counts}, ${gate.minRequests} requests are needed`, evidence };
  }
  return { kind: 'pass', reason: `error-rate: ${counts}, limit ${gate.max}`, evidence };
}
