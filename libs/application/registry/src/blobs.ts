import { DomainError } from '#domain/errors';
import type { Digest, ModelFile } from '#domain/registry';
import type { NewDigest } from './hashing.ts';
import { objectKeys } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';

/** Content-addressed bytes in the bucket: a blob's key is its digest, so a blob never changes. */
export class Blobs {
  readonly #store: ObjectStore;
  readonly #newDigest: NewDigest;

  constructor(store: ObjectStore, newDigest: NewDigest) {
    this.#store = store;
    this.#newDigest = newDigest;
  }

  /** Size of a blob; `undefined` when it is absent. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    return (await this.#store.head(objectKeys.blob(digest)))?.sizeBytes;
  }

  /** Whether a file's bytes are there in full. */
  async has(file: ModelFile): Promise<boolean> {
    return (await this.sizeOf(file.digest)) === file.sizeBytes;
  }

  /** The bytes as a stream; `undefined` when the blob is absent. */
  async stream(digest: Digest): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#store.getStream(objectKeys.blob(digest));
  }

  /**
   * Stores a file's bytes; they become visible only once all of them have arrived with the declared digest.
   *
   * @returns false when they were there already; the stream is then left unread.
   * @throws DIGEST_MISMATCH, SIZE_MISMATCH
   */
  async write(file: ModelFile, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
    if (await this.has(file)) return false;
    await this.#store.putStream(objectKeys.blob(file.digest), this.#verified(file, bytes), file.sizeBytes);
    return true;
  }

  /**
   * Reads a whole blob and checks it on the way.
   *
   * @throws ARTIFACT_NOT_FOUND, ARTIFACT_CORRUPT
   */
  async read(file: ModelFile): Promise<Uint8Array> {
    const stream = await this.stream(file.digest);
    if (stream === undefined) throw new DomainError('ARTIFACT_NOT_FOUND', `no bytes are stored for ${file.path}`);
    const bytes = new Uint8Array(file.sizeBytes);
    const digest = this.#newDigest();
    let length = 0;
    for await (const chunk of stream) {
      if (length + chunk.byteLength > bytes.byteLength) throw corrupt(file);
      bytes.set(chunk, length);
      digest.update(chunk);
      length += chunk.byteLength;
    }
    if (length !== file.sizeBytes || digest.digest() !== file.digest) throw corrupt(file);
    return bytes;
  }

  /** Passes bytes through and throws at their end when they are not what was declared, before the store publishes them. */
  async *#verified(file: ModelFile, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const digest = this.#newDigest();
    let length = 0;
    for await (const chunk of bytes) {
      length += chunk.byteLength;
      digest.update(chunk);
      yield chunk;
    }
    if (length !== file.sizeBytes) {
      throw new DomainError('SIZE_MISMATCH', `${file.path}: got ${length} bytes, declared were ${file.sizeBytes}`);
    }
    const got = digest.digest();
    if (got !== file.digest) {
      throw new DomainError('DIGEST_MISMATCH', `${file.path}: got ${got}, declared was ${file.digest}`);
    }
  }
}

function corrupt(file: ModelFile): DomainError {
  return new DomainError('ARTIFACT_CORRUPT', `the stored bytes of ${file.path} no longer have their digest`);
}
