import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { ServedFile } from '#application/serving';
import { errnoOf } from './disk-errors.ts';

/** Small enough that a request never waits long for a chunk to be hashed. */
const CHUNK_BYTES = 256 * 1024;

/** Whether the bytes under a path are those of a file. */
export type FileState =
  | { readonly kind: 'intact' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Reads a cached file to its end. A disk that cannot read it has damaged it as well. */
export async function inspectFile(path: string, { sizeBytes, digest }: ServedFile): Promise<FileState> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size !== sizeBytes) return { kind: 'damaged', reason: `it has ${size} bytes, not ${sizeBytes}` };
    if ((await digestOf(file)) === digest) return { kind: 'intact' };
    return { kind: 'damaged', reason: 'its bytes do not have its digest' };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'absent' };
    return { kind: 'damaged', reason: `reading it failed with ${errnoOf(error) ?? 'an unknown error'}` };
  } finally {
    await file?.close();
  }
}

/** Through one piece of memory: a stream would leave as much garbage as the file has bytes, and requests would wait for its collection. */
async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
    hash.update(chunk.subarray(0, bytesRead));
  }
}
