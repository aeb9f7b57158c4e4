import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '#application/registry';
import { isDomainError } from '#domain/errors';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (content: Uint8Array | undefined) => new TextDecoder().decode(content);

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function readAll(stream: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (stream === undefined) return undefined;
  let text = '';
  for await (const chunk of stream) text += textOf(chunk);
  return text;
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** Of several writes at once, those that succeeded. Fails when one fails otherwise than by losing. */
async function winnersOf(writes: readonly Promise<string>[]): Promise<number> {
  const outcomes = await Promise.allSettled(writes);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected')
      expect(isDomainError(outcome.reason, 'PRECONDITION_FAILED'), String(outcome.reason)).toBe(true);
  }
  return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
}

/**
 * The contract of {@link ObjectStore}, one test per obligation.
 *
 * @param open answers a store; called twice for two clients of the same, empty bucket.
 */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} honours the object store's contract`, () => {
    it('gives back what was written, with its size, and nothing for an absent key', async () => {
      const store = await open();
      const etag = await store.put('a/b.json', bytes('content'));
      expect(textOf((await store.get('a/b.json'))?.bytes)).toBe('content');
      expect((await store.get('a/b.json'))?.etag).toBe(etag);
      expect(await store.head('a/b.json')).toMatchObject({ key: 'a/b.json', sizeBytes: 7 });
      expect([await store.get('none'), await store.head('none'), await store.getStream('none')]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('1 and 3: another client sees a write as soon as it returned', async () => {
      const [writer, reader] = [await open(), await open()];
      await writer.put('seen/1', bytes('new'));
      expect(textOf((await reader.get('seen/1'))?.bytes)).toBe('new');
      expect(await reader.head('seen/1')).toBeDefined();
      expect(await keysOf(reader, 'seen/')).toEqual(['seen/1']);
      await writer.delete('seen/1');
      expect(await reader.get('seen/1')).toBeUndefined();
      expect(await keysOf(reader, 'seen/')).toEqual([]);
    });

    it('2: a reader sees the old content or the new, whole', async () => {
      const [writer, reader] = [await open(), await open()];
      const contents = ['a', 'b', 'c'].map((letter) => letter.repeat(200_000));
      await writer.put('whole', bytes(contents[0] ?? ''));
      const writing = (async () => {
        for (let round = 0; round < 12; round += 1) await writer.put('whole', bytes(contents[round % 3] ?? ''));
      })();
      for (let round = 0; round < 20; round += 1)
        expect(contents).toContain(textOf((await reader.get('whole'))?.bytes));
      await writing;
    });

    it('4: of 16 creators of one key one wins, and its content stays', async () => {
      const stores = [await open(), await open()];
      for (let round = 0; round < 5; round += 1) {
        const key = `create/${round}`;
        const writes = Array.from({ length: 16 }, (_, index) =>
          stores[index % 2]!.put(key, bytes(`writer ${index}`), { kind: 'absent' }),
        );
        expect(await winnersOf(writes)).toBe(1);
        const winner = (await Promise.allSettled(writes)).findIndex((outcome) => outcome.status === 'fulfilled');
        expect(textOf((await stores[0]!.get(key))?.bytes)).toBe(`writer ${winner}`);
      }
    });

    it('4: of 16 swaps from one etag one wins, again and again', async () => {
      const stores = [await open(), await open()];
      let etag = await stores[0]!.put('swap', bytes('first'));
      for (let round = 0; round < 8; round += 1) {
        const present = etag;
        const writes = Array.from({ length: 16 }, (_, index) =>
          stores[index % 2]!.put('swap', bytes(`${round}/${index}`), { kind: 'matches', etag: present }),
        );
        expect(await winnersOf(writes)).toBe(1);
        const found = await stores[1]!.get('swap');
        expect(textOf(found?.bytes).startsWith(`${round}/`)).toBe(true);
        expect(found?.etag).not.toBe(present);
        etag = found?.etag ?? '';
      }
    });

    it('4: a swap of a stale or an absent content fails and changes nothing', async () => {
      const store = await open();
      const stale = await store.put('stale', bytes('one'));
      await store.put('stale', bytes('two'));
      await expect(store.put('stale', bytes('lost'), { kind: 'matches', etag: stale })).rejects.toMatchObject({
        code: 'PRECONDITION_FAILED',
      });
      await expect(store.put('never', bytes('lost'), { kind: 'matches', etag: stale })).rejects.toMatchObject({
        code: 'PRECONDITION_FAILED',
      });
      expect(textOf((await store.get('stale'))?.bytes)).toBe('two');
      expect(await store.get('never')).toBeUndefined();
    });

    it('streams content in and out', async () => {
      const store = await open();
      const parts = Array.from({ length: 50 }, (_, index) => String(index).repeat(10_000));
      const whole = parts.join('');
      await store.putStream('stream', chunks(...parts), whole.length);
      expect(await readAll(await store.getStream('stream'))).toBe(whole);
    });

    it('7: streams the rest of an object from any byte on', async () => {
      const store = await open();
      const whole = Array.from({ length: 300_000 }, (_, index) => index % 10).join('');
      await store.putStream('rest', chunks(whole), whole.length);
      for (const fromByte of [0, 1, 65_537, whole.length - 1])
        expect(await readAll(await store.getStream('rest', fromByte))).toBe(whole.slice(fromByte));
      for (const fromByte of [whole.length, whole.length + 5])
        expect(await readAll(await store.getStream('rest', fromByte))).toBe('');
      expect(await store.getStream('none', 3)).toBeUndefined();
    });

    it('5: a stream that ends early, goes on too long or throws leaves nothing', async () => {
      const store = await open();
      const throwing = async function* () {
        yield bytes('some');
        throw new Error('the source broke');
      };
      await expect(store.putStream('short', chunks('abc'), 10)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
      await expect(store.putStream('long', chunks('abc', 'def'), 4)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
      await expect(store.putStream('broken', throwing(), 10)).rejects.toThrow();
      for (const key of ['short', 'long', 'broken']) expect(await store.get(key)).toBeUndefined();
    });

    it('6: lists every key with the prefix, ascending, however many there are', async () => {
      const store = await open();
      const keys = Array.from({ length: 1100 }, (_, index) => `many/${index}`);
      await Promise.all(keys.map((key) => store.put(key, bytes('x'))));
      await store.put('manyfold', bytes('x'));
      await store.put('many-more/1', bytes('x'));
      expect(await keysOf(store, 'many/')).toEqual(keys.toSorted());
      expect(await keysOf(store, 'many/109')).toEqual(keys.filter((key) => key.startsWith('many/109')).toSorted());
      expect(await keysOf(store, 'absent/')).toEqual([]);
    });

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.', 'a\\b', 'a%2e', 'a b', 'a\0b', 'a@', 'ä'])(
      'refuses %j as a key',
      async (key) => {
        const store = await open();
        await expect(store.put(key, bytes('x'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
        await expect(store.get(key)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
      },
    );
  });
}
