import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { Digest } from '#domain/registry';
import { ArtifactCache } from './artifact-cache.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (text: string, path = 'model.onnx') => ({
  path,
  digest: `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest,
  sizeBytes: text.length,
});

let directory: string;
let store: ObjectStore;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'artifacts-'));
  store = await FsObjectStore.open(mkdtempSync(join(tmpdir(), 'store-')));
});
const keep = async (text: string, digest = fileOf(text).digest) => store.put(objectKeys.blob(digest), bytesOf(text));

describe('ArtifactCache', () => {
  it('brings the bytes by digest, and serves them without the store afterwards', async () => {
    await keep('weights');
    const path = await new ArtifactCache(store, directory).materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
    await store.delete(objectKeys.blob(fileOf('weights').digest));
    expect(await new ArtifactCache(store, directory).materialise([fileOf('weights')])).toBe(path);
  });

  it('lays several files out by their own paths', async () => {
    await keep('graph');
    await keep('tokens');
    const path = await new ArtifactCache(store, directory).materialise([
      fileOf('graph'),
      fileOf('tokens', 'assets/vocabulary.txt'),
    ]);
    expect(readFileSync(path, 'utf8')).toBe('graph');
    expect(readFileSync(join(path, '../assets/vocabulary.txt'), 'utf8')).toBe('tokens');
  });

  it.each([
    ['changed', 'weighty'],
    ['cut short', 'weig'],
  ])('fetches a cached file anew that was %s', async (_, damaged) => {
    await keep('weights');
    const path = await new ArtifactCache(store, directory).materialise([fileOf('weights')]);
    writeFileSync(path, damaged);
    await new ArtifactCache(store, directory).materialise([fileOf('weights')]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
  });

  it('answers no path for bytes that do not have their digest, and keeps nothing of them', async () => {
    await keep('swapped', fileOf('weights').digest);
    await expect(new ArtifactCache(store, directory).materialise([fileOf('weights')])).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
    });
    expect(await readdir(join(directory, 'sha256'))).toEqual([]);
  });

  it('says which artifact the store does not have, and finds it later', async () => {
    const cache = new ArtifactCache(store, directory);
    await expect(cache.materialise([fileOf('weights')])).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    await keep('weights');
    await expect(cache.materialise([fileOf('weights')])).resolves.toBeDefined();
  });
});
