import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { DomainError } from '#domain/errors';
import type { ObjectStore, WriteCondition } from './object-store.ts';
import { probeConditionalWrites } from './probe-conditional-writes.ts';

type Fault = (store: ObjectStore, key: string, bytes: Uint8Array, condition?: WriteCondition) => Promise<string>;

/** A store with one known fault of real servers. */
async function storeWith(fault: Fault): Promise<ObjectStore> {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  const sound = await FsObjectStore.open(folder);
  const store: ObjectStore = await FsObjectStore.open(folder);
  store.put = (key, bytes, condition) => fault(sound, key, bytes, condition);
  return store;
}

describe('probeConditionalWrites', () => {
  it('passes a sound store, and leaves nothing in it', async () => {
    const store = await storeWith((sound, key, bytes, condition) => sound.put(key, bytes, condition));
    await expect(probeConditionalWrites(store, 'p')).resolves.toBeUndefined();
    for await (const { key } of store.list('')) expect.unreachable(key);
  });

  it.each<[string, Fault, RegExp]>([
    ['ignores conditions', (sound, key, bytes) => sound.put(key, bytes), /If-None-Match: \* on a key that exists/],
    [
      'ignores If-Match',
      (sound, key, bytes, condition) => sound.put(key, bytes, condition?.kind === 'absent' ? condition : undefined),
      /If-Match with a stale tag/,
    ],
    [
      'takes If-Match for an absent key',
      async (sound, key, bytes, condition) =>
        sound.put(key, bytes, (await sound.head(key)) === undefined ? undefined : condition),
      /If-Match on an absent key/,
    ],
    [
      'writes what it refuses',
      async (sound, key, bytes, condition) => {
        try {
          return await sound.put(key, bytes, condition);
        } catch (error) {
          if (condition?.kind === 'matches') await sound.put(key, bytes);
          throw error;
        }
      },
      /a refused write changed the object/,
    ],
  ])('finds out a store that %s', async (_, fault, problem) => {
    await expect(probeConditionalWrites(await storeWith(fault), 'p')).rejects.toMatchObject({
      code: 'STORE_NOT_CONDITIONAL',
      message: expect.stringMatching(problem),
    });
  });

  it('passes on that a store cannot be reached', async () => {
    const store = await storeWith(async () => {
      throw new DomainError('STORE_UNAVAILABLE', 'down');
    });
    await expect(probeConditionalWrites(store, 'p')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
