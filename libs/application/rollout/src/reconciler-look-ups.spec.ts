import { beforeEach, describe, expect, it } from 'vitest';
import type { Readiness } from '#domain/rollout';
import type { TrafficCounts } from '#domain/traffic';
import { eventsOf, ReconcilerWorld, settled } from '#testing';

const BROKEN: TrafficCounts = { requests: 5, serverErrors: 5, firstErrorAtMs: 900, lastError: 'no such index' };

let world: ReconcilerWorld;
beforeEach(() => {
  world = new ReconcilerWorld();
});

describe('ensembles', () => {
  const failed: Readiness = { kind: 'failed', error: 'ENSEMBLE_INVALID: a is not served' };

  it('are served without the registry, each under a number of its own, and take the place of versions', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm of x');
    expect(world.fleet.routes).toMatchObject([
      { stable: { servable: { version: 1 }, ensemble: { inputs: [{ name: 'x' }] } } },
    ]);
    await world.commit(reconciler, 'm of y');
    expect(world.fleet.routes).toMatchObject([
      { stable: { servable: { version: 2 }, ensemble: { inputs: [{ name: 'y' }] } } },
    ]);
    await world.commit(reconciler, 'm 3');
    expect(world.fleet.routes).toMatchObject([{ candidate: { servable: { version: 3 }, ensemble: undefined } }]);
    expect(world.repository.rollbacks).toEqual([]);
  });

  it('leave the one before in place while they do not fit, say so once, and come up when they do', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm of x');
    world.fleet.notReady.set(2, failed);
    await world.commit(reconciler, 'm of y');
    expect(world.history).toContain('routes m 1/2@0');
    expect(eventsOf(reconciler, 'm')).not.toContain('ENSEMBLE_INVALID');
    await world.runRetries();
    world.fleet.report();
    await world.runRetries();
    expect(eventsOf(reconciler, 'm').filter((code) => code === 'ENSEMBLE_INVALID')).toHaveLength(1);
    expect(world.fleet.routes).toMatchObject([{ stable: { servable: { version: 1 } } }]);
    world.fleet.notReady.delete(2);
    world.fleet.report();
    await settled();
    expect(world.fleet.routes).toMatchObject([{ stable: { servable: { version: 2 } }, candidate: undefined }]);
  });

  it('that come together with their parts are told of only when they do not fit after a while', async () => {
    const reconciler = await world.open();
    world.fleet.notReady.set(1, failed);
    await world.commit(reconciler, 'm of x');
    world.fleet.notReady.delete(1);
    world.fleet.report();
    await world.runRetries();
    expect(eventsOf(reconciler, 'm')).toEqual(['RolloutStarted', 'Promoted']);
  });

  it('go on from the journal', async () => {
    await world.commit(await world.open(), 'm of x');
    await settled();
    const again = await world.open();
    expect(again.require('default', 'm').route(world.fleet)).toMatchObject({
      stable: { ensemble: { inputs: [{ name: 'x' }] } },
    });
  });
});

describe('a manifest that names an alias', () => {
  it('serves the version that it points at when the commit is taken, whatever becomes of the alias', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm champion');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    world.aliases.set('m champion', 2);
    await reconciler.poll();
    await settled();
    await reconciler.stop();
    const restarted = await world.open();
    await restarted.poll();
    await settled();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    await world.commit(restarted, 'm champion');
    expect(world.fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 2 } } });
    expect(restarted.require('default', 'm').entry.desired).toMatchObject({
      specHash: 'm champion@2',
      spec: { version: 2, alias: 'champion' },
    });
  });

  it('leaves what is desired in force while the registry is down or has no such alias', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.isRegistryDown = true;
    await world.commit(reconciler, 'm challenger');
    world.isRegistryDown = false;
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } }, candidate: undefined });
    expect(eventsOf(reconciler, 'm').at(-1)).toBe('ALIAS_NOT_FOUND');
    world.aliases.set('m challenger', 3);
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 3 } } });
  });

  it('says what is missing when nothing was served before', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'n champion');
    expect(reconciler.require('default', 'n').note).toBe('n has no alias champion');
  });

  it('follows a newer commit instead, even one that comes while it waits', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm challenger');
    await world.commit(reconciler, 'm 2');
    world.aliases.set('m challenger', 3);
    await world.runRetries();
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 2 } }, candidate: undefined });
  });

  it('is rolled back by the text that stands in Git, and tried again when the alias has moved', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.aliases.set('m champion', 2);
    await world.commit(reconciler, 'm champion');
    world.repository.isDown = true;
    world.fleet.report('m@2', BROKEN);
    world.repository.isDown = false;
    await world.runRetries();
    expect(world.repository.rollbacks).toMatchObject([
      { from: { version: 2 }, to: { version: 1 }, rejectedSpecHash: 'm champion' },
    ]);
    await world.commit(reconciler, 'm champion');
    expect(world.fleet.routes[0]).toMatchObject({ candidate: undefined });
    world.aliases.set('m champion', 3);
    await world.commit(reconciler, 'm champion');
    expect(world.fleet.routes[0]).toMatchObject({ candidate: { servable: { version: 3 } } });
  });
});

describe('a version policy', () => {
  const pinnedOf = () => world.fleet.routes[0]?.pinned.map(({ servable: { version } }) => version);

  it('has versions served by name beside stable and the candidate, as they were at the commit', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual([3, 2]);
    await world.commit(reconciler, 'm 3+all');
    expect(world.fleet.routes[0]).toMatchObject({ stable: { servable: { version: 1 } } });
    expect(pinnedOf()).toEqual([2]);
    world.registered.add('m 4');
    await reconciler.poll();
    await settled();
    expect(pinnedOf()).toEqual([2]);
    await world.commit(reconciler, 'm 3+all');
    expect(pinnedOf()).toEqual([4, 2]);
    await world.commit(reconciler, 'm 3');
    expect(pinnedOf()).toEqual([]);
  });

  it('is kept in the journal: a restart without the registry serves the same', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1+all');
    await reconciler.stop();
    world.isRegistryDown = true;
    world.fleet.routes = [];
    await world.open();
    expect(pinnedOf()).toEqual([3, 2]);
  });

  it('is carried out when the registry is back, and holds nothing up', async () => {
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1');
    world.isRegistryDown = true;
    await world.commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual([]);
    world.isRegistryDown = false;
    await world.runRetries();
    expect(pinnedOf()).toEqual([3, 2]);
  });

  it('is cut at the limit, and says so', async () => {
    for (let version = 4; version <= 20; version += 1) world.registered.add(`m ${version}`);
    const reconciler = await world.open();
    await world.commit(reconciler, 'm 1+all');
    expect(pinnedOf()).toEqual(Array.from({ length: 16 }, (_, index) => 20 - index));
    expect(reconciler.require('default', 'm').entry.events).toContainEqual(
      expect.objectContaining({
        code: 'VersionsCut',
        message: expect.stringContaining('of 20 versions the newest 16'),
      }),
    );
  });
});
