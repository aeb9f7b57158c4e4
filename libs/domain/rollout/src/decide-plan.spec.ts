import { describe, expect, it } from 'vitest';
import { NO_TRAFFIC } from '#domain/traffic';
import { analysing, desire, during, found, READY, STEPS, serving, settle, snapshotOf, traffic } from '#testing';
import { decide, type RolloutSnapshot } from './decide.ts';
import type { RolloutPlan, RolloutStep } from './deployment-spec.ts';

describe('strategies and rules of a plan', () => {
  const begun = (plan: Partial<RolloutPlan>, over: Partial<RolloutSnapshot> = {}) => {
    const desired = desire(2, { plan });
    const snapshot = { desired, resolution: found(2), candidateReadiness: READY, ...over };
    return { desired, ...settle(snapshotOf({ state: serving(1), ...snapshot }), 1000) };
  };
  const NOON = Date.parse('2026-03-07T12:00:00Z');

  it('blueGreen takes no traffic until a person says so, and all of it then', () => {
    const { desired, state } = begun({ strategy: 'blueGreen', steps: [{ kind: 'pause' }] });
    expect(state.candidate).toMatchObject({ weightPercent: 0, stepIndex: 0 });
    const promoted = settle(during(state, { desired, traffic: traffic(20, 0), command: 'promote' }), 2000).state;
    expect(promoted.stable?.servable.version).toBe(2);
  });

  it('a shadow gets copies as long as it runs, and is never promoted by itself', () => {
    const { desired, state } = begun({ strategy: 'shadow', steps: [{ kind: 'mirror', percent: 50, minRequests: 10 }] });
    expect(state.candidate).toMatchObject({ weightPercent: 0, mirrorPercent: 50 });
    const mirrored = { requests: 30, serverErrors: 0, compared: 30, disagreements: new Map(), shed: 0 };
    const seen = { candidate: { ...NO_TRAFFIC, mirrored }, stable: NO_TRAFFIC };
    const held = settle(during(state, { desired, traffic: seen }), 100_000_000);
    expect(held.state.lastRollout?.reason).toMatch(/progress deadline/);
    const intime = settle(during(state, { desired, traffic: seen }), 2000);
    expect(intime.state.candidate).toMatchObject({ stepIndex: 1, mirrorPercent: 50 });
    const later = settle(during(intime.state, { desired, traffic: seen }), 100_000_000);
    expect(later.actions).toEqual([{ kind: 'none', reason: expect.stringContaining('the shadow waits for') }]);
    const skipped = settle(during(intime.state, { desired, traffic: seen, command: 'skip' }), 3000);
    expect(skipped.actions.map(({ kind }) => kind)).toEqual(['none']);
    const promoted = settle(during(intime.state, { desired, traffic: seen, command: 'promote' }), 3000).state;
    expect(promoted.stable?.servable.version).toBe(2);
  });

  it('copies are over when their step is', () => {
    const steps: RolloutStep[] = [{ kind: 'mirror', percent: 50, forMs: 10 }, ...STEPS];
    const { desired, state } = begun({ steps });
    const { candidate } = settle(during(state, { desired }), 2000).state;
    expect(candidate).toMatchObject({ weightPercent: 10, mirrorPercent: 0 });
  });

  it('an analysis for confidence lasts until the error rate is known to be within the limit', () => {
    const steps: RolloutStep[] = [
      { kind: 'setWeight', weightPercent: 10 },
      { kind: 'analyse', confidence: 0.95 },
      { kind: 'pause' },
    ];
    const { desired, state } = begun({ steps });
    const stepAfter = (requests: number, errors: number) =>
      settle(during(state, { desired, traffic: traffic(requests, errors) }), 2000).state.candidate?.stepIndex;
    expect(stepAfter(200, 0)).toBe(1);
    expect(stepAfter(500, 0)).toBe(2);
    expect(stepAfter(500, 4)).toBe(1);
    expect(stepAfter(5000, 10)).toBe(2);
  });

  it('a version that was stable a short while ago comes back without steps', () => {
    const plan = { rollbackWindow: 1 };
    const { state: two } = settle(during(analysing(desire(2)), { command: 'promoteFully' }), 2000);
    const back = snapshotOf({
      desired: desire(1, { plan }),
      resolution: found(1),
      state: two,
      candidateReadiness: READY,
    });
    const { state, actions } = settle(back, 3000);
    expect(actions.map(({ kind }) => kind)).toEqual(['startRollout', 'promote', 'none']);
    expect(state.stable?.servable.version).toBe(1);
    const without = settle({ ...back, desired: desire(1) }, 3000);
    expect(without.state.candidate?.weightPercent).toBe(10);
  });

  it('nothing begins or goes on in a freeze window, and a rollback does not wait for its end', () => {
    const freeze = [{ kind: 'once' as const, fromMs: NOON, toMs: NOON + 10_000 }];
    const desired = desire(2, { plan: { freeze } });
    const before = snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY });
    expect(decide(before, NOON)).toEqual({ kind: 'none', reason: 'waits for the end of a freeze window' });
    const { state } = settle(before, NOON - 1000);
    const going = during(state, { desired, traffic: traffic(100, 0) });
    expect(decide(going, NOON)).toEqual({ kind: 'none', reason: 'waits for the end of a freeze window' });
    expect(decide(going, NOON + 10_000)).toMatchObject({ kind: 'enterStep' });
    expect(decide(during(state, { desired, traffic: traffic(5, 5) }), NOON)).toMatchObject({ outcome: 'rolledBack' });
    expect(decide({ ...going, command: 'skip' }, NOON)).toMatchObject({ kind: 'enterStep' });
  });

  it('waits for the deployments that it depends on', () => {
    const snapshot = snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) });
    const dependencies = [
      { name: 'tokenizer', isHealthy: false },
      { name: 'other', isHealthy: true },
    ];
    expect(decide({ ...snapshot, dependencies }, 0)).toEqual({
      kind: 'none',
      reason: 'waits until tokenizer is healthy',
    });
    expect(decide({ ...snapshot, dependencies: [] }, 0)).toMatchObject({ kind: 'startRollout' });
  });

  it('rolls back beyond the blast radius, and when a gateway took the candidate out by itself', () => {
    const plan = { blastRadius: { maxErrors: 2, maxRequests: 1000 }, gates: [] };
    const { desired, state } = begun({ ...plan });
    const decideAfter = (requests: number, errors: number) =>
      decide(during(state, { desired, traffic: traffic(requests, errors) }), 2000);
    expect(decideAfter(50, 2)).toMatchObject({ kind: 'none' });
    expect(decideAfter(50, 3)).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('blast radius: 3 of 50'),
    });
    expect(decideAfter(1001, 0)).toMatchObject({ outcome: 'rolledBack' });
    expect(decide(during(state, { desired, trippedBy: 'gw-1' }), 2000)).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('gateway gw-1 took it out by itself'),
    });
  });

  it('goes no further while stable fails alike', () => {
    const { desired, state } = begun({});
    const sick = { candidate: { requests: 100, serverErrors: 50 }, stable: { requests: 900, serverErrors: 450 } };
    expect(decide(during(state, { desired, traffic: sick }), 2000)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('frozen: error-rate: 50 of 100'),
    });
  });

  it('does not try a version again under other settings, until the manifest or a person says so', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    const other = desire(2, { deadlineMs: 5 });
    expect(decide(during(state, { desired: other }), 3000)).toMatchObject({ kind: 'refuse' });
    const accepted = desire(2, { plan: { acceptRejected: true } });
    expect(decide(during(state, { desired: accepted }), 3000)).toMatchObject({ kind: 'startRollout' });
    const { actions } = settle(during(state, { command: 'retry' }), 3000);
    expect(actions.slice(0, 2).map(({ kind }) => kind)).toEqual(['forgive', 'startRollout']);
    expect(decide(during(state, { desired: desire(3), resolution: found(3) }), 3000)).toMatchObject({
      kind: 'startRollout',
    });
  });
});
