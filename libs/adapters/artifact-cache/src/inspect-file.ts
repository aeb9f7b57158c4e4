import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
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
  try {
    const { size } = await stat(path);
    if (size !== sizeBytes) return { kind: 'damaged', reason: `it has ${size} bytes, not ${sizeBytes}` };
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
    if (`sha256:${hash.digest('hex')}` === digest) return { kind: 'intact' };
    return { kind: 'damaged', reason: 'its bytes do not have its digest' };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'absent' };
    return { kind: 'damaged', reason: `reading it failed with ${errnoOf(error) ?? 'an unknown error'}` };
  }
}
