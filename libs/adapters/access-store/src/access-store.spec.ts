import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { ApiKeyRecord } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { FileAccessMemory } from './file-access-memory.ts';
import { ObjectStoreAccessSource } from './object-store-access-source.ts';
import { ObjectStoreKeys } from './object-store-keys.ts';
import { ObjectStorePolicies } from './object-store-policies.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-access-'));
afterAll(() => rmSync(root, { recursive: true }));

const key: ApiKeyRecord = {
  id: '0123456789abcdef',
  sha256: 'a'.repeat(64),
  description: 'for tests',
  owner: { kind: 'user', id: 'ada', groups: [], attributes: {} },
  actions: ['model.read'],
  createdAt: '2026-11-30T00:00:00.000Z',
  createdBy: 'ada',
  expiresAt: '2026-12-01T00:00:00.000Z',
};
const policies = { revision: 'commit-1', files: [{ path: 'access/a.yaml', text: 'kind: Policy\n' }] };

let store: ObjectStore;
let source: ObjectStoreAccessSource;
beforeEach(async () => {
  store = await FsObjectStore.open(mkdtempSync(join(root, 'store-')));
  source = new ObjectStoreAccessSource(async () => store);
});

describe('access in the bucket', () => {
  it('is nothing at first, and then what was written, told once', async () => {
    const empty = await source.read(undefined);
    expect(empty?.documents).toEqual({ policies: undefined, keys: [] });
    expect(await source.read(empty?.tag)).toBeUndefined();
    await new ObjectStorePolicies(store).publish(policies, 3);
    await new ObjectStoreKeys(store).write([key], undefined);
    const full = await source.read(empty?.tag);
    expect(full?.documents).toMatchObject({ policies, keys: [key] });
    expect(await source.read(full?.tag)).toBeUndefined();
  });

  it('lets one of several writers of keys win', async () => {
    const keys = new ObjectStoreKeys(store);
    await keys.write([key], undefined);
    await expect(keys.write([], undefined)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    const { etag } = await keys.read();
    await keys.write([], etag);
    await expect(keys.write([key], etag)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect((await keys.read()).keys).toEqual([]);
  });

  it('takes no policies from a controller that no longer leads', async () => {
    const publisher = new ObjectStorePolicies(store);
    await publisher.publish(policies, 5);
    await expect(publisher.publish({ ...policies, revision: 'old' }, 4)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    await publisher.publish({ ...policies, revision: 'commit-2' }, 5);
    expect((await source.read(undefined))?.documents.policies?.revision).toBe('commit-2');
  });

  it('writes nothing when there is nothing new', async () => {
    const publisher = new ObjectStorePolicies(store);
    await publisher.publish(policies, 5);
    const read = await source.read(undefined);
    await publisher.publish(policies, 5);
    expect(await source.read(read?.tag)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['another schema', { schema: 'slipway.dev/v1/Model', keys: [] }],
    ['a key without an end', { keys: [{ ...key, expiresAt: undefined }] }],
    ['a key of nobody', { keys: [{ ...key, owner: { ...key.owner, kind: 'anonymous' } }] }],
    ['a key that is kept as it is', { keys: [{ ...key, sha256: 'slipway_0123456789abcdef_secret' }] }],
    ['no list of keys', { keys: {} }],
  ])('refuses keys that are stored as %s', async (_what, document) => {
    const text = JSON.stringify({ schema: 'slipway.dev/v1/ApiKeys', ...document });
    await store.put('access/keys.json', new TextEncoder().encode(text));
    await expect(source.read(undefined)).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    await expect(new ObjectStoreKeys(store).read()).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });

  it('refuses policies that are no JSON', async () => {
    await store.put('access/policies.json', new TextEncoder().encode('kind: Policy'));
    await expect(source.read(undefined)).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });
});

describe('access on this machine', () => {
  it('is what was saved last, for its owner alone', async () => {
    const path = join(mkdtempSync(join(root, 'memory-')), 'deep/access.json');
    const memory = new FileAccessMemory(path);
    expect(await memory.load()).toBeUndefined();
    await memory.save({ policies: undefined, keys: [] });
    expect(await memory.load()).toEqual({ policies: undefined, keys: [] });
    await memory.save({ policies, keys: [key] });
    expect(await memory.load()).toMatchObject({ policies, keys: [key] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
    expect(await memory.load()).toBeUndefined();
  });
});
