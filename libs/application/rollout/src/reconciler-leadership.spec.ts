import { beforeEach, describe, expect, it } from 'vitest';
import type { TrafficCounts } from '#domain/traffic';
import { eventsOf, ReconcilerWorld, settled } from '#testing';

const BROKEN: TrafficCounts = { requests: 5, serverErrors: 5, firstErrorAtMs: 900, lastError: 'no such index' };

let world: ReconcilerWorld;
beforeEach(() => {
  world = new ReconcilerWorld();
});

describe('a controller among others', () => {
  it('gives traffic when the journal has the decision, and goes no further before', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.journal.isDown = true;
    await world.commit(reconciler, 'm 2');
    expect(world.fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } }, candidateWeightPercent: 0 });
    world.fleet.report('m@2', { requests: 100, serverErrors: 0 });
    expect(reconciler.require('default', 'm').state.candidate).toMatchObject({ weightPercent: 0 });
    world.journal.isDown = false;
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ candidateWeightPercent: 10 });
    expect(world.journal.kept.get('m')?.entry.state.candidate).toMatchObject({ weightPercent: 10 });
  });

  it('tells who gave a command, before what came of it', async () => {
    const ada = { kind: 'user', id: 'ada', credential: 'token' };
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    reconciler.command('default', 'm', 'abort', ada);
    await settled();
    const events = world.journal.kept.get('m')?.entry.events ?? [];
    expect(events.filter(({ code }) => /^(Commanded|Aborted)$/.test(code))).toMatchObject([
      { code: 'Commanded', message: 'ada asks to abort it', actor: 'ada', principal: ada, version: 2 },
      { code: 'Aborted', version: 2 },
    ]);
    expect(events.filter(({ principal }) => principal !== undefined)).toHaveLength(1);
    expect(() => reconciler.command('default', 'm', 'promote', ada)).toThrow(/no rollout in progress/);
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'Commanded')).toHaveLength(1);
  });

  it('keeps a command that comes while the journal is behind', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.journal.isDown = true;
    await world.commit(reconciler, 'm 2');
    reconciler.command('default', 'm', 'promoteFully');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    world.journal.isDown = false;
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('that ended before the journal had its rollback is followed by one that rolls back, too', async () => {
    const first = await world.open();
    await world.commit(first, 'm 1');
    await world.commit(first, 'm 2');
    world.journal.isDown = true;
    world.fleet.report('m@2', BROKEN);
    expect(world.fleet.routes[0]).toMatchObject({ candidate: undefined });
    first.resign();
    world.journal.isDown = false;
    world.history = [];
    await world.open();
    await settled();
    expect(world.history[0]).toBe('routes m 1/-@0');
    expect(world.repository.rollbacks).toHaveLength(1);
  });

  it('ends its term when somebody else writes the journal, and writes nothing more', async () => {
    const old = await world.open();
    await world.commit(old, 'm 1');
    await world.commit(old, 'm 2');
    const present = await world.open();
    const kept = structuredClone(world.journal.kept.get('m'));
    old.command('default', 'm', 'abort');
    await settled();
    await world.runRetries();
    expect(world.fencings).toEqual(['somebody else writes the journal of default/m']);
    expect(world.journal.kept.get('m')).toEqual(kept);
    expect(present.require('default', 'm').state.candidate).toBeDefined();
  });

  it('that may only protect takes traffic from a bad candidate, and records it when it may again', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    const kept = structuredClone(world.journal.kept.get('m'));
    world.authority = 'protective';
    world.history = [];
    world.fleet.report('m@2', BROKEN);
    await settled();
    await world.runRetries();
    expect(world.history).toEqual(['routes m 1/2@0']);
    expect(world.journal.kept.get('m')).toEqual(kept);
    expect(world.repository.rollbacks).toEqual([]);
    world.authority = 'full';
    reconciler.resume();
    await settled();
    expect(world.history.slice(0, 3)).toEqual(['routes m 1/2@0', 'routes m 1/-@0', 'journal m']);
    expect(world.repository.rollbacks).toHaveLength(1);
  });

  it('that may only protect starts, advances and removes nothing, and promotes for nobody', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.authority = 'protective';
    world.history = [];
    world.fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await world.commit(reconciler, 'n 1');
    expect(() => reconciler.command('default', 'm', 'promote')).toThrow(/could not renew its lease/);
    await world.runRetries();
    expect(world.history).toEqual([]);
  });

  it('that may only protect aborts for a person, and remembers it until it can be recorded', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.authority = 'protective';
    reconciler.command('default', 'm', 'abort');
    expect(world.fleet.routes[0]).toMatchObject({ candidateWeightPercent: 0 });
    world.authority = 'full';
    reconciler.resume();
    await settled();
    expect(reconciler.require('default', 'm').state.lastRollout).toMatchObject({ outcome: 'aborted' });
  });

  it('gives a candidate its traffic back that was only suspected', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.authority = 'protective';
    world.fleet.notReady.set(2, { kind: 'failed', error: 'it is being replaced' });
    world.fleet.report();
    expect(world.fleet.routes[0]).toMatchObject({ candidateWeightPercent: 0 });
    world.fleet.notReady.delete(2);
    world.authority = 'full';
    reconciler.resume();
    expect(world.fleet.routes[0]).toMatchObject({ candidateWeightPercent: 10 });
  });

  it('does nothing in the next term for what began in the one before', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.isRegistryDown = true;
    await world.commit(reconciler, 'm 2');
    reconciler.resign();
    expect(reconciler.deployments).toEqual([]);
    await reconciler.start(2);
    world.history = [];
    world.isRegistryDown = false;
    const stale = world.retries.splice(0, 1);
    for (const task of stale) task();
    await settled();
    expect(world.history).toEqual([]);
    await world.runRetries();
    expect(world.history).toContain('routes m 1/2@0');
  });

  it('does not try more often the more there is to write', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.journal.isDown = true;
    await world.commit(reconciler, 'm 2');
    for (let change = 0; change < 20; change += 1) {
      await world.commit(reconciler, `nonsense ${change}`);
      await world.runRetries();
    }
    expect(world.retries.length).toBeLessThan(3);
  });
});
