import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { Digest } from '#domain/registry';
import { type FaultOf, injectDiskFaults } from '#testing';
import { ArtifactCache, type ArtifactCacheParts, type CacheEvent } from './index.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (text: string, path = 'model.onnx') => ({
  path,
  digest: `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest,
  sizeBytes: text.length,
});

let directory: string;
let store: ObjectStore;
let events: CacheEvent[];
let inUse: Set<Digest>;
/** Where the store was asked to begin, for each stream. */
let opened: number[];
/** Bytes after which a stream breaks off; one entry a stream. */
let breaks: number[];
let mend = () => {};

/** The store as it is, save that its streams are watched and can be cut. */
async function openWatched(key: string, fromByte = 0) {
  const stream = await store.getStream(key, fromByte);
  if (stream === undefined) return undefined;
  opened.push(fromByte);
  return cut(stream, breaks.shift() ?? Number.POSITIVE_INFINITY);
}

async function* cut(stream: AsyncIterable<Uint8Array>, afterBytes: number) {
  for await (const chunk of stream) {
    if (chunk.byteLength > afterBytes) {
      yield chunk.subarray(0, afterBytes);
      throw new Error('socket hang up');
    }
    yield chunk;
  }
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'artifacts-'));
  store = await FsObjectStore.open(mkdtempSync(join(tmpdir(), 'store-')));
  [events, opened, breaks, inUse] = [[], [], [], new Set()];
});
afterEach(() => mend());

const open = (over: Partial<ArtifactCacheParts> = {}) =>
  new ArtifactCache({
    openStore: async () => ({ getStream: openWatched }) as ObjectStore,
    directory,
    budgetBytes: 1000,
    isInUse: (digest) => inUse.has(digest),
    onEvent: (event) => events.push(event),
    ...over,
  });
const keep = async (text: string, digest = fileOf(text).digest) => store.put(objectKeys.blob(digest), bytesOf(text));
const cached = async () => {
  const names = await readdir(join(directory, 'sha256'));
  return Promise.all(names.map((name) => readFile(join(directory, 'sha256', name), 'utf8')));
};
const kindsOf = () => events.map(({ kind }) => kind);
/** Makes a cached file count as used so long ago. */
const age = (text: string, seconds: number) => {
  const then = Date.now() / 1000 - seconds;
  utimesSync(join(directory, 'sha256', fileOf(text).digest.slice(7)), then, then);
};
const breakDisk = (faultOf: FaultOf) => {
  mend = injectDiskFaults((operation, path) => (path.startsWith(directory) ? faultOf(operation, path) : undefined));
};

describe('ArtifactCache', () => {
  it('brings the bytes by digest, and serves them without the store afterwards', async () => {
    await keep('weights');
    const path = await open().materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    const openStore = async () => Promise.reject(new Error('the store is down'));
    expect(await open({ openStore }).materialise([fileOf('weights')])).toBe(path);
  });

  it('lays several files out by their own paths', async () => {
    await keep('graph');
    await keep('tokens');
    const path = await open().materialise([fileOf('graph'), fileOf('tokens', 'assets/vocabulary.txt')]);
    expect(readFileSync(path, 'utf8')).toBe('graph');
    expect(readFileSync(join(path, '../assets/vocabulary.txt'), 'utf8')).toBe('tokens');
  });

  it('says which artifact the store does not have, and finds it later', async () => {
    const cache = open();
    await expect(cache.materialise([fileOf('weights')])).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    await keep('weights');
    await expect(cache.materialise([fileOf('weights')])).resolves.toBeDefined();
  });

  it('brings a file once, however many ask for it at once', async () => {
    await keep('weights');
    const cache = open();
    const paths = await Promise.all(Array.from({ length: 20 }, () => cache.materialise([fileOf('weights')])));
    expect(new Set(paths).size).toBe(1);
    expect(opened).toEqual([0]);
  });
});

describe('a pull that breaks off', () => {
  it('goes on at once where it was, while it comes further', async () => {
    await keep('weights');
    breaks = [2, 3];
    const path = await open().materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(opened).toEqual([0, 2, 5]);
  });

  it('goes on where it was after a restart', async () => {
    await keep('weights');
    breaks = [4, 0];
    await expect(open().materialise([fileOf('weights')])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('4 of 7 bytes'),
    });
    const path = await open().materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(opened).toEqual([0, 4, 4]);
    expect(events).toEqual([{ kind: 'pulled', file: 'model.onnx', sizeBytes: 7, keptBytes: 4 }]);
  });

  it.each([
    ['other bytes', 'wei?'],
    ['more than there can be', 'weights and more'],
  ])('begins anew when what was left has %s', async (_, left) => {
    await keep('weights');
    breaks = [4, 0];
    await expect(open().materialise([fileOf('weights')])).rejects.toThrow();
    writeFileSync(join(directory, 'partial', fileOf('weights').digest.slice(7)), left);
    const path = await open().materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(opened.at(-1)).toBe(0);
  });
});

describe('damage', () => {
  it.each([
    ['changed', 'weighty'],
    ['cut short', 'weig'],
    ['longer', 'weights!'],
  ])('removes a cached file that was %s, and brings it again, at every use', async (_, damaged) => {
    await keep('weights');
    const cache = open();
    const path = await cache.materialise([fileOf('weights')]);
    for (let use = 0; use < 2; use += 1) {
      writeFileSync(path, damaged);
      await cache.materialise([fileOf('weights')]);
      expect(readFileSync(path, 'utf8')).toBe('weights');
    }
    expect(kindsOf()).toEqual(['pulled', 'quarantined', 'pulled', 'quarantined', 'pulled']);
  });

  it('replaces the links of a variant along with a damaged file', async () => {
    await keep('graph');
    await keep('weights');
    const files = [fileOf('graph'), fileOf('weights', 'model.data')];
    const path = await open().materialise(files);
    writeFileSync(join(path, '../model.data'), 'w?ights');
    await open().materialise(files);
    expect(readFileSync(join(path, '../model.data'), 'utf8')).toBe('weights');
  });

  it.each([
    ['other bytes', 'swapped'],
    ['too few bytes', 'weigh'],
    ['too many bytes', 'weights, and more of them'],
  ])('answers no path when the store has %s, and keeps nothing of them', async (_, stored) => {
    await keep(stored, fileOf('weights').digest);
    await expect(open().materialise([fileOf('weights')])).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    expect(await cached()).toEqual([]);
    expect(await readdir(join(directory, 'partial'))).toEqual([]);
    expect(kindsOf()).toEqual(['quarantined']);
  });

  it('never answers a path to wrong bytes, whatever happens to the disk in between', async () => {
    const texts = ['a', 'bb', 'ccc'];
    for (const text of texts) await keep(text);
    const harm = fc.record({
      text: fc.constantFrom(...texts),
      folder: fc.constantFrom('sha256', 'partial'),
      bytes: fc.string({ maxLength: 4 }),
    });
    const use = fc.record({ text: fc.constantFrom(...texts) });
    const cache = open({ budgetBytes: 4 });
    await Promise.all(texts.map((text) => cache.materialise([fileOf(text)])));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(harm, use), { maxLength: 10 }), async (steps) => {
        for (const step of steps) {
          const file = fileOf(step.text);
          if ('bytes' in step) writeFileSync(join(directory, step.folder, file.digest.slice(7)), step.bytes);
          else expect(readFileSync(await cache.materialise([file]), 'utf8')).toBe(step.text);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the budget', () => {
  it('is kept by evicting what was not used for longest, and what is in use stays', async () => {
    for (const text of ['one', 'two', 'six', 'ten']) await keep(text);
    const cache = open({ budgetBytes: 9 });
    await cache.materialise([fileOf('one')]);
    await cache.materialise([fileOf('two')]);
    await cache.materialise([fileOf('six')]);
    age('one', 30);
    age('two', 20);
    age('six', 10);
    inUse.add(fileOf('one').digest);
    await cache.materialise([fileOf('ten')]);
    expect((await cached()).sort()).toEqual(['one', 'six', 'ten']);
    expect(events.at(-2)).toMatchObject({ kind: 'evicted', digest: fileOf('two').digest, sizeBytes: 3 });
  });

  it('goes by the last use, before a restart as well, and a file in use is used until it is not', async () => {
    for (const text of ['one', 'two', 'six', 'ten']) await keep(text);
    const before = open({ budgetBytes: 9 });
    for (const text of ['one', 'two', 'six']) await before.materialise([fileOf(text)]);
    age('one', 30);
    age('two', 20);
    age('six', 10);
    inUse.add(fileOf('two').digest);
    await before.trim();
    inUse.clear();
    await open({ budgetBytes: 9 }).materialise([fileOf('one')]);
    await open({ budgetBytes: 9 }).materialise([fileOf('ten')]);
    expect((await cached()).sort()).toEqual(['one', 'ten', 'two']);
  });

  it('counts what is on its way, and lets files in use go beyond it', async () => {
    for (const text of ['one', 'two', 'six']) await keep(text);
    const cache = open({ budgetBytes: 3 });
    for (const text of ['one', 'two', 'six']) inUse.add(fileOf(text).digest);
    await Promise.all(['one', 'two', 'six'].map((text) => cache.materialise([fileOf(text)])));
    expect(await cache.usedBytes()).toBe(9);
    inUse.clear();
    await cache.trim();
    expect(await cache.usedBytes()).toBe(3);
  });

  it('frees the room of files that were laid out for a variant', async () => {
    for (const text of ['graph', 'weights', 'new']) await keep(text);
    const cache = open({ budgetBytes: 12 });
    const path = await cache.materialise([fileOf('graph'), fileOf('weights', 'model.data')]);
    expect(statSync(path).nlink).toBe(2);
    age('graph', 20);
    await cache.materialise([fileOf('new')]);
    expect(await readdir(join(directory, 'variants'))).toEqual([]);
    expect((await cached()).sort()).toEqual(['new', 'weights']);
  });
});

describe('a failing disk', () => {
  it('that is full is given room by evicting, and the pull goes on where it was', async () => {
    for (const text of ['old', 'weights']) await keep(text);
    const cache = open();
    await cache.materialise([fileOf('old')]);
    let writes = 0;
    breakDisk((operation, path) => {
      if (operation === 'write' && path.includes('partial/') && ++writes === 2) return { code: 'ENOSPC' };
      return undefined;
    });
    breaks = [];
    const path = await cache.materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(kindsOf()).toEqual(['pulled', 'evicted', 'pulled']);
  });

  it('that stays full is told, may be tried again, and costs nothing that is in use', async () => {
    for (const text of ['old', 'used', 'weights']) await keep(text);
    const cache = open();
    await cache.materialise([fileOf('old')]);
    await cache.materialise([fileOf('used')]);
    inUse.add(fileOf('used').digest);
    breakDisk((operation, path) =>
      operation === 'write' && path.includes('partial/') && path.includes(fileOf('weights').digest.slice(7))
        ? { code: 'ENOSPC' }
        : undefined,
    );
    await expect(cache.materialise([fileOf('weights')])).rejects.toMatchObject({
      code: 'ARTIFACT_CACHE_UNAVAILABLE',
      isRetryable: true,
      message: expect.stringContaining('ENOSPC'),
    });
    expect(await cached()).toEqual(['used']);
    expect(kindsOf().at(-1)).toBe('unwritable');
    mend();
    await expect(cache.materialise([fileOf('weights')])).resolves.toBeDefined();
  });

  it('that cannot read a file back loses it, and the file is brought again', async () => {
    await keep('weights');
    const cache = open();
    await cache.materialise([fileOf('weights')]);
    let reads = 0;
    breakDisk((operation) => (operation === 'read' && ++reads === 1 ? { code: 'EIO' } : undefined));
    const path = await cache.materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(kindsOf()).toEqual(['pulled', 'quarantined', 'pulled']);
    expect(events[1]).toMatchObject({ reason: expect.stringContaining('EIO') });
  });

  it('that is read-only serves what is on it, files of a variant too, and refuses the rest', async () => {
    for (const text of ['graph', 'weights', 'new']) await keep(text);
    const files = [fileOf('graph'), fileOf('weights', 'model.data')];
    const path = await open().materialise(files);
    breakDisk((operation) => (operation === 'write' ? { code: 'EROFS' } : undefined));
    const cache = open();
    expect(await cache.materialise(files)).toBe(path);
    await expect(cache.materialise([fileOf('new')])).rejects.toMatchObject({
      code: 'ARTIFACT_CACHE_UNAVAILABLE',
      message: expect.stringContaining('EROFS'),
    });
  });
});
