import { beforeEach, describe, expect, it } from 'vitest';
import { ReconcilerWorld, settled } from '#testing';

let world: ReconcilerWorld;
beforeEach(() => {
  world = new ReconcilerWorld();
});

describe('Reconciler, with a gate that asks somebody else', () => {
  const answer = async (verdict: 'pass' | 'fail' | 'hold') => {
    for (const take of world.questions.splice(0)) take({ kind: 'verdict', verdict, reason: `it says ${verdict}` });
    await settled();
  };
  const enough = { requests: 100, serverErrors: 0 };

  beforeEach(() => {
    world.planChange = {
      gates: [{ metric: 'http', url: 'https://hooks.example/', intervalMs: 1000, consecutive: 1, onNoData: 'hold' }],
    };
  });

  it('asks once the candidate gets traffic, and rolls back in the turn of a bad answer', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.fleet.notReady.set(2, { kind: 'loading' });
    await world.commit(reconciler, 'm 2');
    expect(world.questions).toHaveLength(0);
    world.fleet.notReady.delete(2);
    world.fleet.report();
    await settled();
    expect(world.questions).toHaveLength(1);
    await answer('fail');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(reconciler.require('default', 'm').state.lastRollout?.reason).toBe('http: it says fail');
    expect(world.repository.rollbacks).toHaveLength(1);
  });

  it.each([
    ['hold', { kind: 'verdict', verdict: 'hold', reason: 'not yet' }, 'frozen: http: not yet'],
    ['no data', { kind: 'noData', reason: 'no series' }, 'frozen: http: no data: no series'],
  ] as const)('goes no further on %s, and on when there is a good answer', async (_name, outcome, note) => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    for (const take of world.questions.splice(0)) take(outcome);
    await settled();
    world.fleet.report('m@2', enough);
    expect(reconciler.require('default', 'm').note).toBe(note);
    expect(world.fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } } });
    // The next question is due.
    await world.runRetries();
    await answer('pass');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('judges a rollout by no answers of the one before', async () => {
    const errorRate = {
      metric: 'error-rate',
      max: 0.01,
      against: 'stable',
      confidence: 0.999,
      minRequests: 20,
    } as const;
    const gates = [...(world.planChange.gates ?? []), errorRate];
    world.planChange = { steps: [{ kind: 'setWeight', weightPercent: 10 }], gates };
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    await answer('pass');
    world.fleet.traffic.set('m@3', enough);
    await world.commit(reconciler, 'm 3');
    const untilAsked = { stable: { servable: { version: 1 } }, candidate: { servable: { version: 3 } } };
    expect(world.fleet.routes[0]).toMatchObject(untilAsked);
    await answer('pass');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 3 } }, candidate: undefined });
  });

  it('asks nothing more about a deployment that was removed', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    await world.commit(reconciler, 'n 1');
    await answer('fail');
    await world.runRetries();
    expect(world.questions).toHaveLength(0);
    expect(world.failures).toEqual([]);
  });
});
