import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOfBytes } from '#testing';
import { PreparedFolders } from './prepared-folders.ts';

const parent = mkdtempSync(join(tmpdir(), 'prepared-folders-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const variant = (letter: string, sizeBytes = 2 ** 20, target = 'cpu') => ({
  target,
  precision: 'fp32',
  format: 'onnx',
  files: [{ path: 'model.onnx', digest: digestOfBytes(Buffer.from(letter)), sizeBytes }],
});
const forEver = new Promise<void>(() => {});
/** A runner in the making. */
function runner() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { ended: promise, end: resolve };
}

describe('PreparedFolders', () => {
  it('are one for the runners of a variant, and others for other files and targets', () => {
    const folders = new PreparedFolders(join(parent, 'one'));
    const take = (...of: Parameters<typeof variant>) => folders.take(variant(...of), forEver);
    expect(take('a')).toBe(take('a'));
    expect(new Set([take('a'), take('b'), take('a', 2 ** 20, 'openvino')]).size).toBe(3);
  });

  it('are not for variants that have nothing worth sharing', () => {
    const folders = new PreparedFolders(join(parent, 'small'));
    expect(folders.take(variant('a', 1000), forEver)).toBeUndefined();
  });

  it('go with the last runner of their variant, and come again with the next', async () => {
    const folders = new PreparedFolders(join(parent, 'last'));
    const [first, second, third] = [runner(), runner(), runner()];
    const folder = folders.take(variant('a'), first.ended) ?? '';
    folders.take(variant('a'), second.ended);
    mkdirSync(folder);
    writeFileSync(join(folder, 'weights.bin'), 'many');
    first.end();
    await first.ended;
    expect(existsSync(join(folder, 'weights.bin'))).toBe(true);
    second.end();
    await expect.poll(() => readdirSync(join(parent, 'last'))).toEqual([]);
    // One that ends before anything was made leaves nothing to remove.
    expect(folders.take(variant('a'), third.ended)).toBe(folder);
    third.end();
    await third.ended;
    expect(readdirSync(join(parent, 'last'))).toEqual([]);
  });

  it('begin empty, and are for nobody else', () => {
    const root = join(parent, 'again');
    mkdirSync(join(root, 'left'), { recursive: true });
    new PreparedFolders(root);
    expect(readdirSync(root)).toEqual([]);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });
});
