import type { TrafficCounts } from '#domain/traffic';
import { durationInWords } from './duration-in-words.ts';
import { logEvidenceForRate } from './e-process.ts';
import type { Candidate } from './rollout-state.ts';
import type { Pair } from './weight-segments.ts';

/** What the present step still waits for, in words; `undefined` when it is done. */
export function waitingFor(candidate: Candidate, traffic: Pair<TrafficCounts>, nowMs: number): string | undefined {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  if (step === undefined || step.kind === 'setWeight') return undefined;
  const elapsedMs = nowMs - candidate.stepEnteredAtMs;
  if (step.kind === 'pause') {
    if (step.forMs === undefined) return 'paused until `slipway rollout promote`';
    return elapsedMs < step.forMs ? `paused for ${durationInWords(step.forMs)}` : undefined;
  }
  const isMirror = step.kind === 'mirror';
  const doing = isMirror ? 'mirroring' : 'analysing';
  const inStep = isMirror
    ? (traffic.candidate.mirrored?.requests ?? 0) - (candidate.mirroredAtStepEntry ?? 0)
    : traffic.candidate.requests - candidate.requestsAtStepEntry;
  if (step.minRequests !== undefined && inStep < step.minRequests) {
    const percent = isMirror ? step.percent : candidate.weightPercent;
    return `${doing}: ${inStep} of ${step.minRequests} requests at ${percent} %`;
  }
  if (step.forMs !== undefined && elapsedMs < step.forMs) return `${doing} for ${durationInWords(step.forMs)}`;
  return step.kind === 'analyse' && step.confidence !== undefined
    ? waitingForConfidence(step.confidence, candidate, traffic.candidate)
    : undefined;
}

/** What is missing until the error rate is known to be within the limit of the strictest gate. */
function waitingForConfidence(confidence: number, candidate: Candidate, traffic: TrafficCounts): string | undefined {
  const limits = candidate.desired.spec.rollout.gates.flatMap((gate) =>
    gate.metric === 'error-rate' ? [gate.max] : [],
  );
  if (limits.length === 0) return undefined;
  const max = Math.min(...limits);
  const evidence = logEvidenceForRate(traffic.requests, traffic.serverErrors, max);
  const needed = -Math.log(1 - confidence);
  if (evidence >= needed) return undefined;
  const odds = `10^${(evidence / Math.LN10).toFixed(1)} of 10^${(needed / Math.LN10).toFixed(1)}`;
  return `analysing: evidence ${odds} for an error rate of at most ${max} after ${traffic.requests} requests`;
}

/** Whether a rollout has taken longer than it may, waits for a person left out. */
export function isOverdue(candidate: Candidate, nowMs: number): boolean {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  const isAtEnd = step === undefined && candidate.stepIndex >= 0;
  const isWaitingForPerson = isAtEnd || (step?.kind === 'pause' && step.forMs === undefined);
  const pausedMs = candidate.pausedMs + (isWaitingForPerson ? nowMs - candidate.stepEnteredAtMs : 0);
  return nowMs - candidate.startedAtMs - pausedMs > candidate.desired.spec.rollout.progressDeadlineMs;
}
