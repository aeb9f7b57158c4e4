import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ServedFile } from '#application/serving';
import { errnoOf } from './disk-errors.ts';
import type { FileDigest } from './file-digest-thread.ts';

/** Small enough that a request never waits long for a chunk to be hashed. */
const CHUNK_BYTES = 256 * 1024;
/** Larger files are worth a thread. */
const MAX_HERE_BYTES = 8 * 1024 * 1024;

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
    const found = size > MAX_HERE_BYTES ? await digestInThread(path) : undefined;
    if ((found ?? (await digestOf(file))) === digest) return { kind: 'intact' };
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

/** `undefined` where there is no thread to be had, which says nothing of the file. @throws Error with the system's code when it cannot be read. */
async function digestInThread(path: string): Promise<string | undefined> {
  const program = join(import.meta.dirname, `file-digest-thread${extname(import.meta.filename)}`);
  const thread = new Worker(program, { workerData: path });
  const [found] = (await once(thread, 'message').catch(() => [undefined])) as [FileDigest | undefined];
  if (found === undefined) return undefined;
  if ('sha256' in found) return `sha256:${found.sha256}`;
  throw Object.assign(new Error(`${path} cannot be read`), { code: found.errno });
}
