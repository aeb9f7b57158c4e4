import { DomainError } from '#domain/errors';
import type { Digest, ModelFile } from '#domain/registry';
import type { NewDigest } from './hashing.ts';
import { objectKeys } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';
import { verifiedBytes } from './verified-bytes.ts';

/** Knows which blobs versions refer to. */
export interface ReferenceIndex {
  referencedSize(digest: Digest): number | undefined;
}

/** When a condemned blob can still be saved. */
export interface CondemnationRule {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Time from condemnation to removal. */
  readonly graceMs: number;
}

/** Content-addressed bytes in the bucket: a blob's key is its digest, so a blob never changes. */
export class Blobs {
  readonly #store: ObjectStore;
  readonly #newDigest: NewDigest;

  readonly #index: ReferenceIndex;
  readonly #condemnation: CondemnationRule;

  constructor(store: ObjectStore, newDigest: NewDigest, index: ReferenceIndex, condemnation: CondemnationRule) {
    this.#store = store;
    this.#newDigest = newDigest;
    this.#index = index;
    this.#condemnation = condemnation;
  }

  /** Size of a blob; `undefined` when it is absent. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    return (await this.#store.head(objectKeys.blob(digest)))?.sizeBytes;
  }

  /**
   * Whether a file's bytes are there in full, and stay there for whoever is about to refer to them.
   *
   * @throws BLOB_CONDEMNED when the bytes are about to be removed: they can be sent again as soon as they are gone.
   */
  async has(file: ModelFile): Promise<boolean> {
    if (this.#index.referencedSize(file.digest) === file.sizeBytes) return true;
    if ((await this.sizeOf(file.digest)) !== file.sizeBytes) return false;
    await this.#liftCondemnation(file);
    return true;
  }

  /** Safe only while the collection is far from carrying it out; see `CollectGarbage`. */
  async #liftCondemnation(file: ModelFile): Promise<void> {
    const mark = objectKeys.condemned(file.digest);
    const found = await this.#store.head(mark);
    if (found === undefined) return;
    const { nowMs, graceMs } = this.#condemnation;
    if (nowMs() - found.modifiedAtMs < graceMs / 2) return this.#store.delete(mark);
    throw new DomainError(
      'BLOB_CONDEMNED',
      `the unused bytes of ${file.path} are about to be removed: try again later`,
    );
  }

  /** The bytes as a stream; `undefined` when the blob is absent. */
  async stream(digest: Digest): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#store.getStream(objectKeys.blob(digest));
  }

  /** The bytes as a stream that breaks before its end when they no longer have their digest; see `verifiedBytes`. */
  async verifiedStream(digest: Digest): Promise<AsyncIterable<Uint8Array> | undefined> {
    const stream = await this.stream(digest);
    return stream && verifiedBytes(digest, stream, this.#newDigest);
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
