import { type ErrorSegment, logEvidenceAgainstRate, logEvidenceAgainstStable } from './e-process.ts';
import type { EventCounts, GateEvidence, GateVerdict, JudgedCounts } from './gate-verdict.ts';

/** log E of an event that may not happen at all: proof, as the largest power of ten that a number holds. */
const LOG_PROOF = 308 * Math.LN10;

/** A question about events, put to the counts of the two versions. */
export interface EventQuestion {
  readonly gate: string;
  /** What happened to the candidate's requests, such as `failed`. */
  readonly what: string;
  /** Tolerated share of events, 0 to 1. */
  readonly tolerated: number;
  readonly alpha: number;
  readonly against: 'stable' | 'none';
  readonly minRequests: number;
  readonly candidate: JudgedCounts;
  readonly stable: EventCounts;
  /** Events of the randomly split traffic by weight. */
  readonly segments: readonly ErrorSegment[];
  readonly details?: Readonly<Record<string, number>>;
}

/**
 * Judges the share of a candidate's requests to which something happened; may be called after every request, any number of times.
 *
 * It fails when the evidence against the tolerated share reaches 1/α and, where stable itself is above that share, the evidence against
 * being as good as stable does too: when both are sick, the candidate is not to blame, and the rollout is frozen.
 */
export function judgeEvents(question: EventQuestion): GateVerdict {
  const { gate, alpha, candidate, stable, minRequests } = question;
  const threshold = -Math.log(alpha);
  const absolute = evidenceAgainst(question.tolerated, candidate);
  const isExcusable = question.against === 'stable' && stable.events > stable.requests * question.tolerated;
  const relative = isExcusable ? logEvidenceAgainstStable(question.segments) : undefined;
  const evidence: GateEvidence = {
    gate,
    candidate,
    stable,
    max: question.tolerated,
    alpha,
    log10Absolute: absolute / Math.LN10,
    ...(relative === undefined ? {} : { log10Relative: relative / Math.LN10 }),
    ...(question.details === undefined ? {} : { details: question.details }),
  };
  const counts = `${candidate.events} of ${candidate.requests} candidate requests ${question.what}`;
  if (absolute >= threshold && (relative === undefined || relative >= threshold)) {
    const odds = `10^${evidence.log10Absolute.toFixed(1)} against a rate of at most ${shownRate(question.tolerated)}`;
    const bar = `needed 10^${(threshold / Math.LN10).toFixed(1)}`;
    return { kind: 'fail', reason: `${gate}: ${counts}, evidence ${odds} (${bar})`, evidence };
  }
  if (absolute >= threshold) {
    const stableCounts = `${stable.events} of ${stable.requests} stable requests did too`;
    return { kind: 'frozen', reason: `${gate}: ${counts}, but ${stableCounts}`, evidence };
  }
  if (candidate.requests < minRequests) {
    return { kind: 'inconclusive', reason: `${gate}: ${counts}, ${minRequests} requests are needed`, evidence };
  }
  return { kind: 'pass', reason: `${gate}: ${counts}, limit ${shownRate(question.tolerated)}`, evidence };
}

function evidenceAgainst(tolerated: number, { requests, events }: EventCounts): number {
  if (tolerated > 0) return logEvidenceAgainstRate(requests, events, tolerated);
  return events > 0 ? LOG_PROOF : 0;
}

/** Without the noise of 1 - 0.99. */
function shownRate(rate: number): string {
  return String(Number(rate.toPrecision(6)));
}
