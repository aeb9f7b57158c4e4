import { assertNever } from '#domain/errors';
import type { RolloutStep } from './deployment-spec.ts';
import { durationInWords } from './duration-in-words.ts';
import type { Candidate } from './rollout-state.ts';

/** The candidate's present step in words. */
export function describeStep(candidate: Candidate): string {
  const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
  if (step !== undefined) return describe(step);
  return candidate.stepIndex < 0 ? 'loading' : 'waiting for a person';
}

/** A step in words, as something that is being done. */
export function describe(step: RolloutStep): string {
  switch (step.kind) {
    case 'setWeight':
      return `setting the weight to ${step.weightPercent} %`;
    case 'analyse':
    case 'mirror': {
      const parts = [
        step.minRequests === undefined ? [] : [`${step.minRequests} requests`],
        step.forMs === undefined ? [] : [durationInWords(step.forMs)],
        step.kind === 'mirror' || step.confidence === undefined ? [] : [`a confidence of ${step.confidence}`],
      ];
      const doing = step.kind === 'mirror' ? `mirroring ${step.percent} %` : 'analysing';
      return `${doing} ${parts.flat().join(' and ')}`.trim();
    }
    case 'pause':
      return step.forMs === undefined ? 'paused for a person' : `paused for ${durationInWords(step.forMs)}`;
    default:
      return assertNever(step);
  }
}
