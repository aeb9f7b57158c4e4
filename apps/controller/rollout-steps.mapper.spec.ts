import { expect, it } from 'vitest';
import type { Candidate, RolloutStep } from '#domain/rollout';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { toStepStatuses, toStepTimer } from './rollout-steps.mapper.ts';

const ENTERED_MS = Date.parse('2026-11-28T20:00:00Z');
const STEPS: readonly RolloutStep[] = [
  { kind: 'mirror', percent: 50, minRequests: 100 },
  { kind: 'setWeight', weightPercent: 5 },
  { kind: 'analyse', minRequests: 500, forMs: 90_000, confidence: 0.95 },
  { kind: 'pause', forMs: 3_600_000 },
  { kind: 'pause' },
];

function candidateAt(stepIndex: number): Candidate {
  const candidate = {
    desired: { spec: { rollout: { steps: STEPS } } },
    stepIndex,
    stepEnteredAtMs: ENTERED_MS,
    requestsAtStepEntry: 40,
    mirroredAtStepEntry: 10,
  };
  return candidate as unknown as Candidate;
}

const traffic: TrafficCounts = {
  requests: 100,
  serverErrors: 0,
  mirrored: { requests: 25, serverErrors: 0, compared: 25, disagreements: new Map(), shed: 0 },
};

it('names every step, and what is over, under way and ahead', () => {
  expect(toStepStatuses(candidateAt(2))).toEqual([
    { text: 'mirror 50 %: 100 requests', state: 'done' },
    { text: 'weight 5 %', state: 'done' },
    { text: 'analyse 500 requests, 1 min 30 s, a confidence of 0.95', state: 'present' },
    { text: 'pause for 1 h', state: 'ahead' },
    { text: 'pause for a person', state: 'ahead' },
  ]);
  const states = (stepIndex: number) => toStepStatuses(candidateAt(stepIndex)).map(({ state }) => state);
  expect(new Set(states(-1))).toEqual(new Set(['ahead']));
  expect(new Set(states(STEPS.length))).toEqual(new Set(['done']));
});

it('counts requests, or copies of them, from the entry of the step on', () => {
  const enteredAt = '2026-11-28T20:00:00.000Z';
  expect(toStepTimer(candidateAt(0), traffic)).toEqual({ enteredAt, requests: 15, minRequests: 100 });
  const endsAt = '2026-11-28T20:01:30.000Z';
  const analysis = { enteredAt, forMs: 90_000, endsAt, requests: 60, minRequests: 500 };
  expect(toStepTimer(candidateAt(2), traffic)).toEqual(analysis);
  expect(toStepTimer(candidateAt(2), NO_TRAFFIC)).toEqual({ ...analysis, requests: 0 });
  expect(toStepTimer(candidateAt(4), traffic)).toEqual({ enteredAt });
  expect(toStepTimer(candidateAt(-1), traffic)).toBeUndefined();
});
