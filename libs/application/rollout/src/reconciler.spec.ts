import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { TrafficCounts } from '#domain/traffic';
import { eventsOf, ReconcilerWorld, settled } from '#testing';

const BROKEN: TrafficCounts = { requests: 5, serverErrors: 5, firstErrorAtMs: 900, lastError: 'no such index' };

let world: ReconcilerWorld;
beforeEach(() => {
  world = new ReconcilerWorld();
});

describe('Reconciler', () => {
  it('brings a commit to the gateways, and a better version after it', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    expect(world.fleet.routes[0]).toMatchObject({
      candidateWeightPercent: 10,
      candidate: { servable: { version: 2 } },
    });
    world.fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await settled();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('moves the traffic in the same turn as the report, then the journal, then Git', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.history = [];
    world.fleet.report('m@2', BROKEN);
    expect(world.history).toEqual(['routes m 1/-@0']);
    await settled();
    expect(world.history.slice(0, 2)).toEqual(['routes m 1/-@0', 'journal m']);
    expect(world.history).toContain('git 2→1');
    expect(world.history.indexOf('journal m')).toBeLessThan(world.history.indexOf('git 2→1'));
    expect(world.repository.rollbacks).toMatchObject([
      {
        from: { version: 2 },
        to: { version: 1 },
        trailers: { 'Slipway-Evidence': expect.stringContaining('requests=5 errors=5') },
      },
    ]);
  });

  it('rolls back while Git and the bucket are down, and writes it when they are back', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.repository.isDown = true;
    world.journal.isDown = true;
    world.fleet.report('m@2', BROKEN);
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    await settled();
    expect(world.repository.rollbacks).toEqual([]);
    world.repository.isDown = false;
    world.journal.isDown = false;
    for (let round = 0; round < 3; round += 1) await world.runRetries();
    expect(world.repository.rollbacks).toHaveLength(1);
    expect(world.journal.kept.get('m')?.entry).toMatchObject({ writeBack: { state: 'committed', commit: 'r1' } });
  });

  it('does not try the commit again that it rolled back, after a restart neither', async () => {
    const first = await world.open();
    await world.commit(first, 'm 1');
    await world.commit(first, 'm 2');
    world.fleet.report('m@2', BROKEN);
    await settled();
    await first.stop();
    const second = await world.open();
    await world.commit(second, 'm 2');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(eventsOf(second, 'm')).toContain('SPEC_REJECTED');
  });

  it('goes on with a rollout after a restart where it was, from the journal alone', async () => {
    const first = await world.open();
    await world.commit(first, 'm 1');
    await world.commit(first, 'm 2');
    await first.stop();
    world.repository.isDown = true;
    world.history = [];
    await world.open();
    expect(world.history[0]).toBe('routes m 1/2@10');
    world.fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await settled();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } } });
  });

  it('begins a rollout when what it depends on serves what Git says', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'n 1', 'm 1');
    world.registered.add('n 2');
    world.fleet.notReady.set(2, { kind: 'loading' });
    await world.commit(reconciler, 'n 2', 'm 2 after n');
    expect(reconciler.require('default', 'm')).toMatchObject({ note: 'waits until n is healthy' });
    world.fleet.notReady.clear();
    world.fleet.report();
    await settled();
    world.fleet.report('n@2', { requests: 100, serverErrors: 0 });
    await settled();
    world.fleet.report();
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('says which deployments wait for each other', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1 after n', 'n 1 after m');
    const told = reconciler.require('default', 'n').entry.events;
    expect(told).toEqual([expect.objectContaining({ code: 'DEPENDENCY_CIRCLE' })]);
    expect(told[0]?.message).toContain('n waits for m waits for n');
  });

  it('rolls back what a gateway took out by itself', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2');
    world.fleet.tripped.set('default.m.2', 'gateway-7');
    world.fleet.report('m@2', { requests: 3, serverErrors: 1 });
    const { lastRollout } = reconciler.require('default', 'm').state;
    expect(lastRollout).toMatchObject({ outcome: 'rolledBack', reason: expect.stringContaining('gateway-7') });
  });

  it('tries again what was rolled back when a person says so, and refuses where there is nothing to try', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    expect(() => reconciler.command('default', 'm', 'retry')).toThrow('nothing to retry');
    await world.commit(reconciler, 'm 2');
    world.repository.isDown = true;
    world.fleet.report('m@2', BROKEN);
    expect(reconciler.require('default', 'm').state.candidate).toBeUndefined();
    world.fleet.traffic.clear();
    reconciler.command('default', 'm', 'retry');
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('keeps a deployment as it is while its manifest is wrong, and says so once', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    for (let poll = 0; poll < 3; poll += 1) await world.commit(reconciler, 'nonsense');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'MANIFEST_INVALID')).toHaveLength(3);
    await reconciler.poll();
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'MANIFEST_INVALID')).toHaveLength(3);
  });

  it('waits for a version that is not registered, and heals when it is', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 9');
    expect(eventsOf(reconciler, 'm')).toEqual(['MODEL_VERSION_NOT_FOUND']);
    world.registered.add('m 9');
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 9 } } });
  });

  it('waits for a version that is not signed, keeps what it serves, and goes on when it is', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.unsigned.add('m 2');
    await world.commit(reconciler, 'm 2');
    expect(eventsOf(reconciler, 'm').at(-1)).toBe('VERSION_NOT_SIGNED');
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    world.unsigned.delete('m 2');
    await world.runRetries();
    expect(reconciler.require('default', 'm').state.candidate?.servable.version).toBe(2);
  });

  it('takes up the signatures that a version has by then, when it is tried again', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    await world.commit(reconciler, 'm 2 by release');
    expect(world.fleet.routes[0]?.candidate?.servable.signing?.bundles).toEqual(['{}']);
    world.repository.isDown = true;
    world.fleet.report('m@2', BROKEN);
    expect(reconciler.require('default', 'm').state.candidate).toBeUndefined();
    world.fleet.traffic.clear();
    world.bundles = ['{}', '[]'];
    reconciler.command('default', 'm', 'retry');
    await world.runRetries();
    expect(world.fleet.routes[0]?.candidate?.servable.signing?.bundles).toEqual(['{}', '[]']);
  });

  it('serves the first of two manifests of one name, and names the other', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1', 'm 2');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(eventsOf(reconciler, 'm')).toContain('MANIFEST_DUPLICATE');
  });

  it('takes a deployment away with its manifest, and keeps the others', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1', 'n 1');
    await world.commit(reconciler, 'n 1');
    expect(world.fleet.routes.map((route) => route.name)).toEqual(['n']);
    await reconciler.stop();
    expect([...world.journal.kept.keys()]).toEqual(['n']);
  });

  it('serves on when the branch has no commit any more: a lost repository is no order', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.repository.revision = { commit: undefined, branch: 'main', files: [], strays: [] };
    await reconciler.poll();
    expect(world.fleet.routes).toHaveLength(1);
  });

  it('refuses a command where there is nothing to do', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    expect(() => reconciler.command('default', 'm', 'promote')).toThrow(/no rollout in progress/);
    expect(() => reconciler.command('default', 'x', 'abort')).toThrow(/there is no deployment x/);
  });

  it('takes a write whose answer was lost for its own', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    const save = world.journal.save.bind(world.journal);
    world.journal.save = async (entry, etag) => {
      await save(entry, etag);
      world.journal.save = save;
      throw new DomainError('PRECONDITION_FAILED', 'the answer was lost, and the retry met our own write');
    };
    await world.commit(reconciler, 'm 2');
    world.fleet.report('m@2', { requests: 100, serverErrors: 0 });
    await reconciler.stop();
    expect(world.journal.kept.get('m')?.entry.state.stable?.servable.version).toBe(2);
    expect(world.failures).toEqual([]);
  });
});
