import { assertNever } from '#domain/errors';
import { type Candidate, durationInWords, type RolloutStep } from '#domain/rollout';
import type { TrafficCounts } from '#domain/traffic';
import type * as wire from '#generated/deployment-status';

/** All steps of a rollout in words, and which of them are over. */
export function toStepStatuses({ desired, stepIndex }: Candidate): wire.StepStatus[] {
  return desired.spec.rollout.steps.map((step, index) => ({
    text: nameStep(step),
    state: index < stepIndex ? 'done' : index === stepIndex ? 'present' : 'ahead',
  }));
}

/** How far the present step is; `undefined` before the first and after the last one. */
export function toStepTimer(candidate: Candidate, traffic: TrafficCounts): wire.StepTimer | undefined {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  if (step === undefined) return undefined;
  const { stepEnteredAtMs } = candidate;
  return {
    enteredAt: isoOf(stepEnteredAtMs),
    ...('forMs' in step && step.forMs !== undefined
      ? { forMs: step.forMs, endsAt: isoOf(stepEnteredAtMs + step.forMs) }
      : {}),
    ...requestsIn(step, candidate, traffic),
  };
}

function requestsIn(
  step: RolloutStep,
  candidate: Candidate,
  traffic: TrafficCounts,
): Pick<wire.StepTimer, 'requests' | 'minRequests'> {
  if (step.kind !== 'analyse' && step.kind !== 'mirror') return {};
  const requests =
    step.kind === 'mirror'
      ? (traffic.mirrored?.requests ?? 0) - (candidate.mirroredAtStepEntry ?? 0)
      : traffic.requests - candidate.requestsAtStepEntry;
  // A gateway that went away and came back as a new process can have taken counts with it for a moment.
  return {
    requests: Math.max(0, requests),
    ...(step.minRequests === undefined ? {} : { minRequests: step.minRequests }),
  };
}

function nameStep(step: RolloutStep): string {
  switch (step.kind) {
    case 'setWeight':
      return `weight ${step.weightPercent} %`;
    case 'analyse':
      return `analyse ${conditions(step)}`;
    case 'mirror':
      return [`mirror ${step.percent} %`, conditions(step)].filter((part) => part !== '').join(': ');
    case 'pause':
      return step.forMs === undefined ? 'pause for a person' : `pause for ${durationInWords(step.forMs)}`;
    default:
      return assertNever(step);
  }
}

function conditions(step: { readonly minRequests?: number; readonly forMs?: number; readonly confidence?: number }) {
  const parts = [
    step.minRequests === undefined ? [] : [`${step.minRequests} requests`],
    step.forMs === undefined ? [] : [durationInWords(step.forMs)],
    step.confidence === undefined ? [] : [`a confidence of ${step.confidence}`],
  ];
  return parts.flat().join(', ');
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
