import { DomainError, isDomainError } from '#domain/errors';
import type { Digest, ModelFile } from '#domain/registry';
import type { Blobs } from './blobs.ts';
import { objectKeys } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';

/** What arrives is kept in pieces of this size; a client that is cut off loses at most what its last piece lacks. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** How far an upload has come. */
export interface UploadProgress {
  readonly receivedBytes: number;
  /** Whether the file is stored, with the digest that was declared. */
  readonly isComplete: boolean;
}

/**
 * Uploads that go on where they were cut off, at any replica, after any crash. The bytes wait in segments under the draft; the last
 * one to arrive makes them a blob, whose digest is computed over all of them.
 */
export class ResumableUploads {
  readonly #store: ObjectStore;
  readonly #blobs: Blobs;

  constructor(store: ObjectStore, blobs: Blobs) {
    this.#store = store;
    this.#blobs = blobs;
  }

  async progress(draftId: string, file: ModelFile): Promise<UploadProgress> {
    if (await this.#blobs.has(file)) return { receivedBytes: file.sizeBytes, isComplete: true };
    return { receivedBytes: (await this.#received(draftId, file.digest)).endsAt, isComplete: false };
  }

  /**
   * Takes bytes from `offset` on. What arrived is kept even when the stream breaks.
   *
   * @throws UPLOAD_OFFSET_WRONG when other bytes are wanted next.
   * @throws SIZE_MISMATCH, DIGEST_MISMATCH with nothing of the file kept.
   */
  async append(
    draftId: string,
    file: ModelFile,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<UploadProgress> {
    const { receivedBytes, isComplete } = await this.progress(draftId, file);
    if (isComplete) return { receivedBytes, isComplete };
    if (offset !== receivedBytes) {
      throw new DomainError(
        'UPLOAD_OFFSET_WRONG',
        `${file.path}: got bytes from ${offset} on, wanted from ${receivedBytes}`,
        {
          receivedBytes,
        },
      );
    }
    const endsAt = await this.#storeSegments(draftId, file, offset, bytes);
    if (endsAt < file.sizeBytes) return { receivedBytes: endsAt, isComplete: false };
    await this.#complete(draftId, file);
    return { receivedBytes: file.sizeBytes, isComplete: true };
  }

  async #storeSegments(
    draftId: string,
    file: ModelFile,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    let segment = new Uint8Array(SEGMENT_BYTES);
    let [filled, endsAt] = [0, offset];
    const flush = async () => {
      if (filled === 0) return;
      await this.#store.put(objectKeys.segment(draftId, file.digest, endsAt), segment.subarray(0, filled));
      endsAt += filled;
      filled = 0;
      segment = new Uint8Array(SEGMENT_BYTES);
    };
    try {
      for await (const chunk of bytes) {
        if (endsAt + filled + chunk.byteLength > file.sizeBytes) throw tooLong(file);
        for (let from = 0; from < chunk.byteLength; ) {
          const part = chunk.subarray(from, from + SEGMENT_BYTES - filled);
          segment.set(part, filled);
          filled += part.byteLength;
          from += part.byteLength;
          if (filled === SEGMENT_BYTES) await flush();
        }
      }
    } catch (error) {
      await flush();
      throw error;
    }
    await flush();
    return endsAt;
  }

  async #complete(draftId: string, file: ModelFile): Promise<void> {
    const { keys } = await this.#received(draftId, file.digest);
    try {
      await this.#blobs.write(file, this.#read(keys));
    } catch (error) {
      const isWrong = isDomainError(error, 'DIGEST_MISMATCH') || isDomainError(error, 'SIZE_MISMATCH');
      if (isWrong) await this.#remove(draftId, file.digest);
      throw error;
    }
    await this.#remove(draftId, file.digest);
  }

  /** The segments that follow each other from the beginning; what lies beyond a gap does not count. */
  async #received(draftId: string, digest: Digest): Promise<{ keys: string[]; endsAt: number }> {
    const keys: string[] = [];
    let endsAt = 0;
    for await (const { key, sizeBytes } of this.#store.list(objectKeys.upload(draftId, digest))) {
      if (key !== objectKeys.segment(draftId, digest, endsAt)) continue;
      keys.push(key);
      endsAt += sizeBytes;
    }
    return { keys, endsAt };
  }

  async *#read(keys: readonly string[]): AsyncIterable<Uint8Array> {
    for (const key of keys) {
      const segment = await this.#store.get(key);
      if (segment === undefined)
        throw new DomainError('STORE_UNAVAILABLE', 'a part of the upload has vanished: send it again');
      yield segment.bytes;
    }
  }

  async #remove(draftId: string, digest: Digest): Promise<void> {
    for await (const { key } of this.#store.list(objectKeys.upload(draftId, digest))) await this.#store.delete(key);
  }
}

function tooLong(file: ModelFile): DomainError {
  return new DomainError('SIZE_MISMATCH', `${file.path}: got more bytes than the ${file.sizeBytes} that were declared`);
}
