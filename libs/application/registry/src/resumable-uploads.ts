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
  /** Uploads whose segments are being put together here. */
  readonly #completing = new Map<string, Promise<void>>();

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
    await this.#completeOnce(draftId, file);
    return { receivedBytes: file.sizeBytes, isComplete: true };
  }

  async #storeSegments(
    draftId: string,
    file: ModelFile,
    offset: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const writer = new SegmentWriter(offset, (segment, at) => this.#storeSegment(draftId, file, segment, at));
    try {
      for await (const chunk of bytes) {
        if (writer.takenUpTo + chunk.byteLength > file.sizeBytes) throw tooLong(file);
        await writer.take(chunk);
      }
    } finally {
      await writer.flush();
    }
    return writer.takenUpTo;
  }

  /**
   * Never over another segment: a request whose client is gone may still be flushing what it got, while the client's next request has
   * stored more from the same byte on.
   */
  async #storeSegment(draftId: string, file: ModelFile, segment: Uint8Array, at: number): Promise<void> {
    try {
      await this.#store.put(objectKeys.segment(draftId, file.digest, at), segment, { kind: 'absent' });
    } catch (error) {
      if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
      throw new DomainError(
        'UPLOAD_OFFSET_WRONG',
        `${file.path}: another request has brought the bytes from ${at} on: ask how far the upload is`,
      );
    }
  }

  /** A client that lost its patience asks again while the first time is still under way. */
  #completeOnce(draftId: string, file: ModelFile): Promise<void> {
    const key = objectKeys.upload(draftId, file.digest);
    const known = this.#completing.get(key);
    if (known !== undefined) return known;
    const completing = this.#complete(draftId, file).finally(() => this.#completing.delete(key));
    this.#completing.set(key, completing);
    return completing;
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
      const segment = await this.#store.getStream(key);
      if (segment === undefined)
        throw new DomainError('STORE_UNAVAILABLE', 'a part of the upload has vanished: send it again');
      yield* segment;
    }
  }

  async #remove(draftId: string, digest: Digest): Promise<void> {
    for await (const { key } of this.#store.list(objectKeys.upload(draftId, digest))) await this.#store.delete(key);
  }
}

/** Cuts a stream into segments; one is stored while the next is filled. Two buffers take turns. */
class SegmentWriter {
  readonly #store: (segment: Uint8Array, at: number) => Promise<unknown>;
  #filling = new Uint8Array(SEGMENT_BYTES);
  #stored = new Uint8Array(SEGMENT_BYTES);
  #storing: Promise<unknown> = Promise.resolve();
  #filled = 0;
  /** Where the segment that is being filled begins. */
  #beginsAt: number;

  constructor(offset: number, store: (segment: Uint8Array, at: number) => Promise<unknown>) {
    this.#beginsAt = offset;
    this.#store = store;
  }

  get takenUpTo(): number {
    return this.#beginsAt + this.#filled;
  }

  async take(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.byteLength; ) {
      const part = chunk.subarray(from, from + SEGMENT_BYTES - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.byteLength;
      from += part.byteLength;
      if (this.#filled === SEGMENT_BYTES) await this.#storeFilled();
    }
  }

  /** Returns when everything that was taken is stored. */
  async flush(): Promise<void> {
    await this.#storeFilled();
    await this.#storing;
  }

  async #storeFilled(): Promise<void> {
    await this.#storing;
    if (this.#filled === 0) return;
    [this.#filling, this.#stored] = [this.#stored, this.#filling];
    this.#storing = this.#store(this.#stored.subarray(0, this.#filled), this.#beginsAt);
    // A failure is met where it is awaited; until then it is nobody's.
    this.#storing.catch(() => {});
    this.#beginsAt += this.#filled;
    this.#filled = 0;
  }
}

function tooLong(file: ModelFile): DomainError {
  return new DomainError('SIZE_MISMATCH', `${file.path}: got more bytes than the ${file.sizeBytes} that were declared`);
}
