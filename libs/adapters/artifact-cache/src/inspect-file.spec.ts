import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOfBytes } from '#testing';
import { inspectFile } from './inspect-file.ts';

describe.each([
  ['a small file', 1000],
  ['a file of many megabytes', 20_000_003],
])('%s', (_what, sizeBytes) => {
  const bytes = Buffer.alloc(sizeBytes, 'content');
  const file = { path: 'model.onnx', sizeBytes, digest: digestOfBytes(bytes) };
  const folder = mkdtempSync(join(tmpdir(), 'inspect-file-'));
  const path = join(folder, 'file');

  it('is intact', async () => {
    writeFileSync(path, bytes);
    expect(await inspectFile(path, file)).toEqual({ kind: 'intact' });
  });

  it('is damaged when its last byte is another one', async () => {
    writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]));
    expect(await inspectFile(path, file)).toMatchObject({ kind: 'damaged', reason: expect.stringContaining('digest') });
  });

  it('is damaged when it is shorter', async () => {
    writeFileSync(path, bytes.subarray(1));
    expect(await inspectFile(path, file)).toMatchObject({ kind: 'damaged', reason: expect.stringContaining('bytes') });
  });

  it('is absent', async () => {
    expect(await inspectFile(join(folder, 'nowhere'), file)).toEqual({ kind: 'absent' });
  });

  it('is damaged when it cannot be read', async () => {
    const unreadable = join(folder, 'folder');
    mkdirSync(unreadable);
    const { size } = statSync(unreadable);
    const found = await inspectFile(unreadable, { ...file, sizeBytes: size });
    expect(found).toEqual({ kind: 'damaged', reason: 'reading it failed with EISDIR' });
  });
});
