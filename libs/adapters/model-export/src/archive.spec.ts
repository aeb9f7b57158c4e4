import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ArchiveFile, tarOf } from './index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): ArchiveFile => ({
  name,
  sizeBytes: Buffer.byteLength(text),
  open: async () => chunksOf(text),
});

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, 3));
  yield Buffer.from(text.slice(3));
}

async function archive(...files: ArchiveFile[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarOf(files)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('is unpacked by tar, with folders and long names', async () => {
  const long = `${'deep/'.repeat(30)}weights.bin`;
  writeFileSync(
    join(folder, 'a.tar'),
    await archive(file('model.onnx', 'the graph'), file(long, 'the weights'), file('empty', '')),
  );
  const unpacked = spawnSync('tar', ['-xf', 'a.tar'], { cwd: folder, encoding: 'utf8' });
  expect(unpacked).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(folder, 'model.onnx'), 'utf8')).toBe('the graph');
  expect(readFileSync(join(folder, long), 'utf8')).toBe('the weights');
  expect(statSync(join(folder, 'empty')).size).toBe(0);
  expect(statSync(join(folder, 'model.onnx')).mode & 0o777).toBe(0o644);
});

it('is the same bytes for the same files', async () => {
  const files = () => [file('b/x', 'one'), file('a', 'two')];
  expect((await archive(...files())).equals(await archive(...files()))).toBe(true);
});

it('fails when a file breaks off or is longer than it was said to be', async () => {
  const breaksOff = { ...file('x', 'abcdef'), open: async () => failing() };
  await expect(archive(file('a', 'one'), breaksOff)).rejects.toThrow('the disk is gone');
  await expect(archive({ ...file('x', 'abcdef'), sizeBytes: 5 })).rejects.toThrow(/size/i);
  await expect(archive({ ...file('x', 'abcdef'), sizeBytes: 7 })).rejects.toThrow(/size/i);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
  throw new Error('the disk is gone');
}
