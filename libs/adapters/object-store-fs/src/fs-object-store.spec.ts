import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { objectStoreContract } from '#testing';
import { FsObjectStore } from './fs-object-store.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fs-store-'));
});

objectStoreContract('the folder', () => FsObjectStore.open(root));

it('keeps one content per key, however often it changes', async () => {
  const store = await FsObjectStore.open(root);
  for (let round = 0; round < 10; round += 1) await store.put('key', new TextEncoder().encode(String(round)));
  expect(await readdir(join(root, 'key@'))).toEqual(['10']);
  await store.delete('key');
  expect(await store.get('key')).toBeUndefined();
});

it('removes what a killed writer left, and keeps what a living one is writing', async () => {
  await FsObjectStore.open(root);
  writeFileSync(join(root, '.tmp/old'), 'x');
  writeFileSync(join(root, '.tmp/new'), 'x');
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(join(root, '.tmp/old'), twoHoursAgo, twoHoursAgo);
  await FsObjectStore.open(root);
  expect(await readdir(join(root, '.tmp'))).toEqual(['new']);
});
