import { describe, expect, it } from 'vitest';
import { desire, during, found, READY, servable, settle, snapshotOf } from '#testing';
import { decide } from './decide.ts';
import { type DesiredDeployment, NO_VERSION } from './deployment-spec.ts';
import { INITIAL_STATE, type RolloutState } from './rollout-state.ts';

describe('ensembles', () => {
  const output = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] });
  const ensemble = (name: string): DesiredDeployment => {
    const { spec, ...rest } = desire(NO_VERSION, { steps: [], token: name });
    const rollout = { ...spec.rollout, strategy: 'allAtOnce' as const, gates: [] };
    return {
      ...rest,
      spec: { ...spec, rollout, ensemble: { inputs: [output('x')], outputs: [output(name)], steps: [] } },
    };
  };
  const served: RolloutState = {
    ...INITIAL_STATE,
    stable: { desired: ensemble('x'), servable: servable(4) },
    rolloutCount: 4,
  };

  it('replace each other when the new one can be served, and wait for that as long as it takes', () => {
    const desired = ensemble('y');
    const snapshot = snapshotOf({ desired, state: served, resolution: found(5) });
    const { state } = settle(snapshot, 0);
    expect(state.candidate?.servable.version).toBe(5);
    const misfit = snapshotOf({ ...snapshot, state, candidateReadiness: { kind: 'failed', error: 'a is not served' } });
    expect(decide(misfit, 1000)).toEqual({ kind: 'none', reason: 'the ensemble cannot be served: a is not served' });
    const ready = settle(snapshotOf({ ...snapshot, state, candidateReadiness: READY }), 2000);
    expect(ready.state.stable?.servable.version).toBe(5);
  });

  it('take over settings without a rollout', () => {
    const desired = { ...ensemble('x'), specHash: 'other' };
    const action = decide(snapshotOf({ desired, state: served, resolution: found(5) }), 0);
    expect(action).toMatchObject({ kind: 'adoptSettings', reason: 'settings changed, the ensemble stays' });
  });

  it('are followed by versions of any number', () => {
    const snapshot = snapshotOf({ desired: desire(4), state: served, resolution: found(4) });
    expect(decide(snapshot, 0)).toMatchObject({ kind: 'startRollout', reason: 'version 4 → 4' });
  });
});

describe('a change of variants alone', () => {
  const withVariants = (...variants: string[]): DesiredDeployment => {
    const { spec, ...rest } = desire(1);
    return { ...rest, specHash: `hash-${variants}`, commit: `commit-${variants}`, spec: { ...spec, variants } };
  };
  const desired = withVariants('cpu/int8');
  const state: RolloutState = {
    ...INITIAL_STATE,
    stable: { desired: withVariants('cpu/fp32'), servable: servable(1) },
  };
  const begun = settle(snapshotOf({ desired, resolution: found(1), state, candidateReadiness: READY }), 1000);

  it('is a rollout like any other, with both builds in its words', () => {
    expect(begun.actions[0]).toMatchObject({ kind: 'startRollout', reason: 'version 1 (cpu/fp32) → 1 (cpu/int8)' });
    expect(begun.state.candidate).toMatchObject({ weightPercent: 10, desired: { spec: { variants: ['cpu/int8'] } } });
  });

  it('ends with the new variants stable, or with the old ones and the new ones rejected', () => {
    const promoted = settle(
      snapshotOf({ ...during(begun.state), desired, resolution: found(1), command: 'promoteFully' }),
      2000,
    );
    expect(promoted.state).toMatchObject({
      stable: { desired: { spec: { variants: ['cpu/int8'] } } },
      lastRollout: { version: 1, variants: ['cpu/int8'], outcome: 'promoted' },
    });
    const traffic = { candidate: { requests: 5, serverErrors: 5 }, stable: { requests: 50, serverErrors: 0 } };
    const failed = settle(snapshotOf({ ...during(begun.state), desired, resolution: found(1), traffic }), 2000);
    expect(failed.state).toMatchObject({
      stable: { desired: { spec: { variants: ['cpu/fp32'] } } },
      lastRollout: { version: 1, variants: ['cpu/int8'], outcome: 'rolledBack' },
    });
    expect(failed.actions.at(-1)).toMatchObject({
      kind: 'refuse',
      reason: expect.stringContaining('version 1 (cpu/int8) was rolled back'),
    });
  });
});
