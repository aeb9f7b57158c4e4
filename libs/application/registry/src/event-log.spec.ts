import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { DomainError } from '#domain/errors';
import { type AliasName, ANONYMOUS, type ModelName, type Namespace } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import type { ObjectStore } from './index.ts';

const namespace = 'default' as Namespace;
const model = 'digits' as ModelName;
const alias = 'champion' as AliasName;
const actor = ANONYMOUS;
const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '../../../../test/models/digits/digits-1.onnx')));

async function* once(): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A store whose log cannot be written for a while, as if the process had died or lost its bucket before it could. */
function withBrokenLog(store: ObjectStore): ObjectStore & { isBroken: boolean } {
  const wrapped = Object.assign(Object.create(store) as ObjectStore, {
    isBroken: false,
    get: (key: string) => store.get(key),
    head: (key: string) => store.head(key),
    getStream: (key: string, fromByte?: number) => store.getStream(key, fromByte),
    putStream: (...args: Parameters<ObjectStore['putStream']>) => store.putStream(...args),
    list: (prefix: string) => store.list(prefix),
    delete: (key: string) => store.delete(key),
    put: async (...args: Parameters<ObjectStore['put']>) => {
      if (wrapped.isBroken && args[0].startsWith('log/')) throw new DomainError('STORE_UNAVAILABLE', 'no log');
      return store.put(...args);
    },
  });
  return wrapped;
}

let root: string;
let store: ReturnType<typeof withBrokenLog>;
let registry: TestRegistry;
const open = async () => openTestRegistry(await FsObjectStore.open(root));
const register = (by: TestRegistry, idempotencyKey: string, finalizes = true) =>
  by.registration.declare({
    namespace,
    model,
    actor,
    finalizes,
    idempotencyKey,
    metadata: { metrics: {}, parameters: {}, labels: {}, trainingData: [], parents: [] },
    variants: [
      {
        target: 'cpu',
        precision: 'fp32',
        format: 'onnx',
        files: [{ path: 'model.onnx', digest: digestOfBytes(bytes), sizeBytes: bytes.byteLength }],
      },
    ],
  });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'registry-'));
  store = withBrokenLog(await FsObjectStore.open(root));
  registry = await openTestRegistry(store);
  await registry.models.create(namespace, model, { labels: {} }, { actor });
  const { draft } = await register(registry, 'first', false);
  await registry.registration.upload({ namespace, model, draftId: draft.id }, digestOfBytes(bytes), once(), undefined);
  await registry.registration.finalize({ namespace, model, draftId: draft.id });
});

describe('replicas of one bucket', () => {
  it('see what another acknowledged when they are asked for it by name', async () => {
    const other = await open();
    const { version } = await register(registry, 'second');
    expect(other.index.latestNumber(namespace, model)).toBe(1);
    expect((await other.lookup.version(namespace, model, version?.version ?? 0))?.version).toEqual(version);
  });

  it('end with the same index and cursors, whatever they wrote at the same time', async () => {
    const replicas = [registry, await open(), await open()];
    await Promise.all(Array.from({ length: 60 }, (_, index) => register(replicas[index % 3]!, `key ${index % 40}`)));
    await Promise.all(
      replicas.map((replica, at) =>
        replica.models.setAlias({ namespace, model, alias, version: at + 1, expected: undefined, actor }),
      ),
    );
    await Promise.all(replicas.map((replica) => replica.log.catchUp()));
    const everything = { namespace: undefined, model: undefined, version: undefined, actions: undefined };
    const page = { limit: 200, from: undefined, isBackward: false };
    const views = [...replicas, await open()].map((replica) => ({
      events: replica.index.events(everything, page),
      versions: replica.index.versions({ namespace, model, filter: undefined, search: undefined }, undefined, page),
    }));
    expect(views[0]?.versions.entries.map(({ node }) => node.version.version)).toEqual(
      Array.from({ length: 41 }, (_, index) => 41 - index),
    );
    for (const view of views) expect(view).toEqual(views[0]);
  });

  it('tell their listeners each event once, in one order', async () => {
    const other = await open();
    const heard: string[][] = [[], []];
    for (const [at, replica] of [registry, other].entries()) {
      replica.log.listen((events) => heard[at]?.push(...events.map(({ id }) => id)));
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => register(index % 2 ? other : registry, `key ${index}`)));
    await Promise.all([registry, other].map((replica) => replica.log.catchUp()));
    expect(heard[0]).toHaveLength(20);
    expect(new Set(heard[0]).size).toBe(20);
    expect(heard[1]).toEqual(heard[0]);
  });
});

describe('a writer that dies after its record and before its event', () => {
  beforeEach(() => {
    store.isBroken = true;
  });
  const numbersIn = (replica: TestRegistry) => replica.index.latestNumber(namespace, model);

  it('is finished by the repetition of the request, at another replica, with the same number', async () => {
    await expect(register(registry, 'second')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const other = await open();
    expect(numbersIn(other)).toBe(1);
    expect((await register(other, 'second')).version?.version).toBe(2);
    expect(numbersIn(other)).toBe(2);
  });

  it('is finished by the next registration of the model, which comes after it', async () => {
    await expect(register(registry, 'second')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(register(registry, 'third')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const other = await open();
    expect((await register(other, 'fourth')).version?.version).toBe(4);
    expect(numbersIn(await open())).toBe(4);
    expect((await register(other, 'second')).version?.version).toBe(2);
  });

  it('is finished by the sweep, in the order of the numbers', async () => {
    for (let index = 0; index < 12; index += 1) {
      await expect(register(registry, `key ${index}`)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    const other = await open();
    expect(await other.sweeper.sweep()).toBe(12);
    expect(await other.sweeper.sweep()).toBe(0);
    expect(numbersIn(other)).toBe(13);
    const { entries } = other.index.versions({ namespace, model, filter: undefined, search: undefined }, undefined, {
      limit: 50,
      from: undefined,
      isBackward: false,
    });
    expect(entries.map(({ node }) => node.version.version)).toEqual(Array.from({ length: 13 }, (_, at) => 13 - at));
  });

  it('is finished by itself when it lives on and its log comes back', async () => {
    await expect(register(registry, 'second')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    store.isBroken = false;
    await registry.log.tend();
    expect(numbersIn(registry)).toBe(2);
    expect(numbersIn(await open())).toBe(2);
  });

  it('has moved an alias: the next mover logs both moves', async () => {
    const set = (by: TestRegistry, version: number) =>
      by.models.setAlias({ namespace, model, alias, version, expected: undefined, actor });
    await expect(set(registry, 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const other = await open();
    await register(other, 'second');
    await set(other, 2);
    const actions = other.index
      .events(
        { namespace, model, version: undefined, actions: ['alias-moved'] },
        { limit: 10, from: undefined, isBackward: false },
      )
      .entries.map(({ node }) => node.id);
    expect(actions).toEqual(['alias/default/digits/champion#2', 'alias/default/digits/champion#1']);
  });
});
