import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { ServedFile } from '#application/serving';
import { DomainError, isDomainError } from '#domain/errors';
import { errnoOf } from './disk-errors.ts';

const CHUNK_BYTES = 256 * 1024;

/** Opens the bytes of a file from one on; `undefined` when there is no such file. */
export type OpenBytes = (fromByte: number) => Promise<AsyncIterable<Uint8Array> | undefined>;

/**
 * Brings a file's bytes to a path, from where an earlier attempt was cut off. What is there already is hashed along with what
 * comes, so that nothing but the whole file passes. Bytes are written to their places: two processes that pull the same file
 * into one folder do each other no harm.
 *
 * @param path keeps what arrived when the pull fails, for the next attempt.
 * @param onBytes told how many bytes of the file are there.
 * @returns the bytes that were there already.
 * @throws ARTIFACT_NOT_FOUND, ARTIFACT_CORRUPT, STORE_UNAVAILABLE; the disk's own errors.
 */
export async function pullFile(
  path: string,
  file: ServedFile,
  openBytes: OpenBytes,
  onBytes: (doneBytes: number) => void,
): Promise<number> {
  const { keptBytes, isWhole } = await complete(path, file, openBytes, onBytes);
  if (isWhole) return keptBytes;
  await rm(path, { force: true });
  // What an earlier attempt left may be at fault: a machine that crashed, a disk that rots.
  if (keptBytes > 0) return pullFile(path, file, openBytes, onBytes);
  throw new DomainError(
    'ARTIFACT_CORRUPT',
    `the object store's bytes for ${file.path} do not have digest ${file.digest}`,
  );
}

async function complete(
  path: string,
  file: ServedFile,
  openBytes: OpenBytes,
  onBytes: (doneBytes: number) => void,
): Promise<{ readonly keptBytes: number; readonly isWhole: boolean }> {
  const target = await openForAppending(path);
  try {
    const { hash, keptBytes } = await hashKept(target, file);
    let doneBytes = keptBytes;
    for await (const chunk of bytesOf(file, keptBytes, openBytes)) {
      if (doneBytes + chunk.byteLength > file.sizeBytes) return { keptBytes, isWhole: false };
      hash.update(chunk);
      for (let from = 0; from < chunk.byteLength; )
        from += (await target.write(chunk, from, chunk.byteLength - from, doneBytes + from)).bytesWritten;
      doneBytes += chunk.byteLength;
      onBytes(doneBytes);
    }
    await target.sync();
    return { keptBytes, isWhole: `sha256:${hash.digest('hex')}` === file.digest };
  } finally {
    await target.close();
  }
}

/** What a file has of its bytes from one on. Failures of its source are told as such, so that they are not taken for the disk's. */
async function* bytesOf(file: ServedFile, fromByte: number, openBytes: OpenBytes): AsyncIterable<Uint8Array> {
  if (fromByte === file.sizeBytes) return;
  let reachedByte = fromByte;
  try {
    const stream = await openBytes(fromByte);
    if (stream === undefined)
      throw new DomainError('ARTIFACT_NOT_FOUND', `the object store has no bytes for ${file.path} (${file.digest})`);
    for await (const chunk of stream) {
      reachedByte += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    if (isDomainError(error)) throw error;
    const progress = `after ${reachedByte} of ${file.sizeBytes} bytes of ${file.path}`;
    throw new DomainError('STORE_UNAVAILABLE', `the object store broke off ${progress}`, {}, { cause: error });
  }
}

async function openForAppending(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return open(path, 'w+');
  }
}

/** Hashes what an earlier attempt left; what cannot be of this file, or be read, is thrown away. */
async function hashKept(
  target: FileHandle,
  { sizeBytes }: ServedFile,
): Promise<{ readonly hash: Hash; readonly keptBytes: number }> {
  const { size } = await target.stat();
  const hash = createHash('sha256');
  try {
    if (size <= sizeBytes) {
      const kept = target.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
      for await (const chunk of kept) hash.update(chunk as Buffer);
      return { hash, keptBytes: size };
    }
  } catch {
    // A disk that cannot read it back may still take it anew.
  }
  await target.truncate(0);
  return { hash: createHash('sha256'), keptBytes: 0 };
}
