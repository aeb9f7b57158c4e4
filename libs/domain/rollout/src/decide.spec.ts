import { describe, expect, it } from 'vitest';
import { analysing, desire, during, found, READY, servable, serving, settle, snapshotOf, traffic } from '#testing';
import { decide, type Readiness, type Resolution } from './decide.ts';
import type { RolloutStep } from './deployment-spec.ts';

describe('decide', () => {
  it('does nothing while there is no manifest', () => {
    expect(decide(snapshotOf({}), 0)).toMatchObject({ kind: 'none' });
  });

  it('waits for the registry before it starts anything', () => {
    const resolution: Resolution = { kind: 'missing', reason: 'digits has no version 9' };
    expect(decide(snapshotOf({ desired: desire(9), resolution }), 0)).toEqual({
      kind: 'none',
      reason: 'digits has no version 9',
    });
  });

  it('serves a first version as soon as it is ready: there is nothing to compare it with', () => {
    const loading = settle(snapshotOf({ desired: desire(1), resolution: found(1) }), 0);
    expect(loading.state.candidate?.weightPercent).toBe(0);
    const ready = settle(
      snapshotOf({ desired: desire(1), resolution: found(1), state: loading.state, candidateReadiness: READY }),
      1,
    );
    expect(ready.state.stable?.servable.version).toBe(1);
    expect(ready.state.candidate).toBeUndefined();
  });

  it('gives a candidate no traffic before it is ready', () => {
    const { state } = settle(snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) }), 0);
    expect(state.candidate).toMatchObject({ weightPercent: 0, stepIndex: -1 });
  });

  it('walks the steps: weight, analysis, pause, and then a person promotes', () => {
    const state = analysing();
    expect(state.candidate).toMatchObject({ weightPercent: 10, stepIndex: 1 });
    const waiting = settle(during(state, { traffic: traffic(99, 0) }), 2000);
    expect(waiting.actions).toEqual([{ kind: 'none', reason: 'analysing: 99 of 100 requests at 10 %' }]);
    const paused = settle(during(state, { traffic: traffic(100, 0) }), 2000).state;
    expect(paused.candidate?.stepIndex).toBe(2);
    const promoted = settle(during(paused, { traffic: traffic(100, 0), command: 'promote' }), 3000).state;
    expect(promoted).toMatchObject({ stable: { servable: { version: 2 } }, lastRollout: { outcome: 'promoted' } });
  });

  it('never promotes on time alone: without requests an analysis does not end', () => {
    const steps: RolloutStep[] = [{ kind: 'analyse', forMs: 10 }];
    const desired = desire(2, { steps });
    const state = settle(
      snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY }),
      0,
    ).state;
    const later = settle(during(state, { desired }), 50_000);
    expect(later.state.candidate).toBeDefined();
    expect(later.actions.at(-1)?.reason).toMatch(/20 requests are needed/);
  });

  it('rolls back as soon as the gate fails, whatever the step', () => {
    const { state, actions } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(actions[0]).toMatchObject({ kind: 'end', outcome: 'rolledBack', evidence: { candidate: { requests: 5 } } });
    expect(state.candidate).toBeUndefined();
    expect(state.stable?.servable.version).toBe(1);
    expect(state.rejected).toEqual([desire(2).specHash]);
  });

  it('rolls back during a pause, too, and a person cannot promote over a failing gate', () => {
    const paused = settle(during(analysing(), { traffic: traffic(100, 0) }), 2000).state;
    const { state } = settle(during(paused, { traffic: traffic(200, 100), command: 'promote' }), 3000);
    expect(state.lastRollout?.outcome).toBe('rolledBack');
  });

  it('lets a person skip all that is left, but not a gate that fails', () => {
    const { state } = settle(during(analysing(), { command: 'promoteFully' }), 2000);
    expect(state).toMatchObject({ stable: { servable: { version: 2 } }, lastRollout: { outcome: 'promoted' } });
    const failing = settle(during(analysing(), { command: 'promoteFully', traffic: traffic(5, 5) }), 2000);
    expect(failing.state.lastRollout?.outcome).toBe('rolledBack');
  });

  it('does not try a specification again that it rolled back, until it differs', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(decide(during(state), 3000)).toMatchObject({
      kind: 'refuse',
      reason: expect.stringContaining('retryToken'),
    });
    const again = desire(2, { token: 'again' });
    expect(decide(during(state, { desired: again }), 3000)).toMatchObject({ kind: 'startRollout' });
  });

  it('is at rest when the rollback has reached Git', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(decide(during(state, { desired: desire(1), resolution: found(1) }), 3000)).toMatchObject({ kind: 'none' });
  });

  it('rolls back a candidate that cannot be loaded, with the loader’s words', () => {
    const started = settle(snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) }), 0).state;
    const candidateReadiness: Readiness = { kind: 'failed', error: 'MODEL_LOAD_FAILED: no such operator' };
    const { state } = settle(during(started, { candidateReadiness }), 1);
    expect(state.lastRollout).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('no such operator'),
    });
  });

  it('lets a newer commit take the place of a running rollout', () => {
    const { state, actions } = settle(during(analysing(), { desired: desire(3), resolution: found(3) }), 2000);
    expect(actions.map((action) => action.kind)).toEqual(['end', 'startRollout', 'enterStep', 'enterStep', 'none']);
    expect(state.candidate?.servable.version).toBe(3);
    expect(state.rejected).toEqual([]);
  });

  it('rolls back at the progress deadline, but does not count the wait for a person', () => {
    const state = analysing();
    expect(settle(during(state), 61_001).state.lastRollout?.reason).toMatch(/progress deadline/);
    const paused = settle(during(state, { traffic: traffic(100, 0) }), 2000).state;
    expect(settle(during(paused, { traffic: traffic(100, 0) }), 10_000_000).state.candidate).toBeDefined();
  });

  it('takes over new settings of the version that is stable, without a rollout', () => {
    const desired = desire(1, { deadlineMs: 5 });
    const { state, actions } = settle(snapshotOf({ desired, resolution: found(1), state: serving(1) }), 0);
    expect(actions[0]?.kind).toBe('adoptSettings');
    expect(state.stable?.desired).toBe(desired);
  });

  it('takes over who must have signed the stable version only when somebody of them has', () => {
    const signedBy = ['release-key'];
    const desired = { ...desire(1), spec: { ...desire(1).spec, signedBy }, specHash: 'signed' };
    const unsigned: Resolution = { kind: 'missing', reason: 'it has no signature', isUnsigned: true };
    const refused = settle(snapshotOf({ desired, resolution: unsigned, state: serving(1) }), 0);
    expect(refused.actions).toEqual([{ kind: 'none', reason: 'it has no signature' }]);
    expect(refused.state).toEqual(serving(1));
    const signing = { signedBy, bundles: ['{}'] };
    const resolution: Resolution = { kind: 'found', servable: { ...servable(1), signing } };
    const adopted = settle(snapshotOf({ desired, resolution, state: serving(1) }), 0).state;
    expect(adopted.stable).toEqual({ desired, servable: { ...servable(1), signing } });
    // Other settings do not ask the registry again, and who no longer must have signed is forgotten.
    const unknown: Resolution = { kind: 'unknown', reason: 'the registry is down' };
    const later = { ...desired, spec: { ...desired.spec, deadlineMs: 5 }, specHash: 'later' };
    const kept = settle(snapshotOf({ desired: later, resolution: unknown, state: adopted }), 0).state;
    expect(kept.stable).toEqual({ desired: later, servable: { ...servable(1), signing } });
    const freed = settle(snapshotOf({ desired: desire(1), resolution: unknown, state: kept }), 0).state;
    expect(freed.stable).toEqual({ desired: desire(1), servable: servable(1) });
  });
});
