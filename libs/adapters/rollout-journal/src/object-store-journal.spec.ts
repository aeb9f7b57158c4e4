import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { JournalEntry } from '#application/rollout';
import { INITIAL_STATE } from '#domain/rollout';
import { ObjectStoreJournal, ObjectStoreLease } from './index.ts';

const entryOf = (name: string, rolloutCount = 0): JournalEntry => ({
  namespace: 'default',
  name,
  state: { ...INITIAL_STATE, rolloutCount },
  events: [],
  nextEventId: 1,
});
const PRECONDITION_FAILED = { code: 'PRECONDITION_FAILED' };

let folder: string;
let store: FsObjectStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  store = await FsObjectStore.open(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A journal in the hands of the leader of a term. */
async function termOf(epoch: number) {
  const journal = new ObjectStoreJournal(store);
  const entries = await journal.takeOver(epoch);
  return { journal, entries, tags: new Map(entries.map(({ entry, etag }) => [entry.name, etag])) };
}

describe('ObjectStoreJournal', () => {
  it('keeps entries as they were saved, whoever takes over', async () => {
    const first = await termOf(1);
    await first.journal.save(entryOf('b'), undefined);
    await first.journal.save(entryOf('a'), await first.journal.save(entryOf('a', 1), undefined));
    const second = await termOf(2);
    expect(second.entries.map(({ entry }) => entry)).toEqual([entryOf('a'), entryOf('b')]);
    expect((await first.journal.loadAll()).map(({ entry }) => entry)).toEqual([entryOf('a'), entryOf('b')]);
  });

  it('no tag that an earlier leader knows is good after a takeover, for a write or a removal', async () => {
    const first = await termOf(1);
    const tag = await first.journal.save(entryOf('a'), undefined);
    const second = await termOf(2);
    await expect(first.journal.save(entryOf('a', 9), tag)).rejects.toMatchObject(PRECONDITION_FAILED);
    await expect(first.journal.save(entryOf('a', 9), undefined)).rejects.toMatchObject(PRECONDITION_FAILED);
    await expect(first.journal.remove('default', 'a', tag)).rejects.toMatchObject(PRECONDITION_FAILED);
    expect(await first.journal.load('default', 'a')).toBeUndefined();
    expect(await second.journal.load('default', 'a')).toMatchObject({
      entry: entryOf('a'),
      etag: second.tags.get('a'),
    });
  });

  it('is not taken over by a term that is not the newest, and nothing of the newest is touched', async () => {
    await (await termOf(1)).journal.save(entryOf('a'), undefined);
    const newest = await termOf(3);
    await expect(termOf(2)).rejects.toMatchObject(PRECONDITION_FAILED);
    await newest.journal.save(entryOf('a', 1), newest.tags.get('a'));
  });

  it('is taken over while the leader before is still writing', async () => {
    const first = await termOf(1);
    let tag = await first.journal.save(entryOf('a'), undefined);
    let isFenced = false;
    const writing = (async () => {
      for (let count = 1; ; count += 1) tag = await first.journal.save(entryOf('a', count), tag);
    })().catch(() => {
      isFenced = true;
    });
    const second = await termOf(2);
    await writing;
    expect(isFenced).toBe(true);
    await second.journal.save(entryOf('a', 1000), second.tags.get('a'));
    expect(await second.journal.load('default', 'a')).toMatchObject({ entry: entryOf('a', 1000) });
  });

  it('an entry that was removed is gone, and may come again', async () => {
    const { journal } = await termOf(1);
    const tag = await journal.save(entryOf('a', 5), undefined);
    await journal.remove('default', 'a', tag);
    await journal.remove('default', 'a', tag);
    expect(await journal.loadAll()).toEqual([]);
    expect((await termOf(2)).entries).toEqual([]);
    const third = await termOf(3);
    await third.journal.save(entryOf('a', 1), undefined);
    expect((await third.journal.loadAll()).map(({ entry }) => entry)).toEqual([entryOf('a', 1)]);
  });

  it('reads what was written before there were terms', async () => {
    const text = JSON.stringify({ schema: 'slipway.dev/v1/Rollout', ...entryOf('a') });
    await store.put('rollouts/default/a.json', new TextEncoder().encode(text));
    expect((await termOf(1)).entries.map(({ entry }) => entry)).toEqual([entryOf('a')]);
  });
});

describe('ObjectStoreLease', () => {
  const lease = { holder: 'h', process: 'p', epoch: 7, renewedAt: '', ttlMs: 10_000, address: 'a:1', url: 'http://a' };

  it('is moved by one of those who saw the same', async () => {
    const leases = new ObjectStoreLease(store);
    expect(await leases.read()).toBeUndefined();
    const etag = await leases.write(lease, undefined);
    await expect(leases.write(lease, undefined)).rejects.toMatchObject(PRECONDITION_FAILED);
    const outcomes = await Promise.allSettled([8, 9].map((epoch) => leases.write({ ...lease, epoch }, etag)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await leases.read())?.lease.epoch).toBeGreaterThan(7);
  });

  it('says what to do about a record that it cannot read', async () => {
    await store.put('controllers/lease.json', new TextEncoder().encode('{}'));
    await expect(new ObjectStoreLease(store).read()).rejects.toThrow(/stop every controller and remove it/);
  });
});
