import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_TRAFFIC } from '#domain/traffic';
import { desire, found, settle, snapshotOf } from '#testing';
import { decide, type Readiness, type RolloutCommand } from './decide.ts';
import { INITIAL_STATE, MAX_REMEMBERED, type RolloutState } from './rollout-state.ts';

describe('any course of a rollout', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('commit' as const), version: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('requests' as const), good: fc.nat({ max: 200 }), bad: fc.nat({ max: 5 }) }),
    fc.record({
      kind: fc.constant('readiness' as const),
      is: fc.constantFrom<Readiness['kind']>('loading', 'ready', 'failed'),
    }),
    fc.record({
      kind: fc.constant('command' as const),
      command: fc.constantFrom<RolloutCommand>('promote', 'skip', 'promoteFully', 'abort', 'retry'),
    }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 70_000 }) }),
  );

  it('keeps a stable version once there is one, and its weights within bounds', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let desired = desire(1);
        let state: RolloutState = INITIAL_STATE;
        let nowMs = 0;
        let candidateReadiness: Readiness = { kind: 'loading' };
        let counted = NO_TRAFFIC;
        let rolloutId = '';
        for (const step of events) {
          let command: RolloutCommand | undefined;
          if (step.kind === 'commit') desired = desire(step.version);
          if (step.kind === 'time') nowMs += step.ms;
          if (step.kind === 'command') command = step.command;
          if (step.kind === 'readiness')
            candidateReadiness = step.is === 'failed' ? { kind: 'failed', error: 'x' } : { kind: step.is };
          if (step.kind === 'requests') {
            counted = {
              requests: counted.requests + step.good + step.bad,
              serverErrors: counted.serverErrors + step.bad,
            };
          }
          const before = state;
          if (rolloutId !== (state.candidate?.rolloutId ?? '')) counted = NO_TRAFFIC;
          rolloutId = state.candidate?.rolloutId ?? '';
          const resolution = found(desired.spec.version);
          const snapshot = snapshotOf({
            desired,
            resolution,
            state,
            candidateReadiness,
            traffic: { candidate: counted, stable: NO_TRAFFIC },
          });
          ({ state } = settle(command === undefined ? snapshot : { ...snapshot, command }, nowMs));

          if (before.stable !== undefined) expect(state.stable).toBeDefined();
          const weight = state.candidate?.weightPercent ?? 0;
          expect(weight).toBeGreaterThanOrEqual(0);
          expect(weight).toBeLessThanOrEqual(100);
          expect(state.rejected.length).toBeLessThanOrEqual(MAX_REMEMBERED);
          if (state.candidate !== undefined) expect(state.candidate.desired.specHash).toBe(desired.specHash);
          // Deciding again on what came out changes nothing.
          const again = decide({ ...snapshot, state, traffic: { candidate: counted, stable: NO_TRAFFIC } }, nowMs);
          if (state.candidate?.rolloutId === rolloutId) expect(['none', 'refuse']).toContain(again.kind);
        }
      }),
      { numRuns: 500 },
    );
  });
});
