/** An object with the tag that a later conditional write must name. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Opaque; differs between any two successive contents of one key. */
  readonly etag: string;
}

/** What is known of an object without reading it. */
export interface ObjectEntry {
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since the Unix epoch. */
  readonly modifiedAtMs: number;
}

/** The condition under which a write happens. */
export type WriteCondition = { readonly kind: 'absent' } | { readonly kind: 'matches'; readonly etag: string };

/** A request that a client may send to the bucket itself. */
export interface DirectRequest {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  /** Must be sent exactly so: the signature covers them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Lets clients exchange bytes with the bucket without the registry between. */
export interface DirectTransfer {
  /** The largest object that can be written by one request. */
  readonly maxPutBytes: number;

  /** A write that the store itself refuses unless the bytes have the digest: no key can come to hold other bytes. */
  presignPut(key: string, sha256Hex: string): DirectRequest;
  presignGet(key: string): DirectRequest;
}

/**
 * A flat key space of bytes with conditional writes: all that Slipway asks of a bucket.
 *
 * Keys are `/`-separated segments of `A-Z a-z 0-9 . _ - ~ :`; no segment is empty, `.` or `..`; no key is a prefix
 * segment of another (`a` and `a/b` never both exist).
 *
 * Obligations, one test each in the contract suite of `#testing`:
 * 1. A write that returned is durable: it survives a crash of this process and of the machine.
 * 2. A reader sees the old content or the new, never a mixture and never a part.
 * 3. After a write returned, every `get`, `head` and `list` by any client sees it.
 * 4. Of several concurrent writes under `absent`, or under `matches` with one etag, exactly one succeeds;
 *    the others throw PRECONDITION_FAILED and change nothing. `matches` on an absent key fails likewise.
 * 5. A stream that ends early, is too long, or throws leaves nothing under the key.
 * 6. `list` yields every key with the prefix in ascending order of UTF-8 bytes, however many there are.
 * 7. `getStream` from a byte on yields the rest of the object, and nothing at or beyond its end.
 *
 * @throws STORE_UNAVAILABLE from any method when the store cannot be reached; the outcome of a write is then unknown.
 */
export interface ObjectStore {
  /** Set where clients may exchange bytes with the bucket themselves. */
  readonly direct?: DirectTransfer | undefined;

  /** Reads a whole object; `undefined` when the key is absent. Meant for records, not for artifacts. */
  get(key: string): Promise<StoredObject | undefined>;

  /** Size of an object; `undefined` when the key is absent. */
  head(key: string): Promise<ObjectEntry | undefined>;

  /**
   * Writes a whole object and returns its new etag.
   *
   * @throws PRECONDITION_FAILED when the condition does not hold.
   */
  put(key: string, bytes: Uint8Array, condition?: WriteCondition): Promise<string>;

  /**
   * Writes an object from a stream of exactly `sizeBytes` bytes, with bounded memory. Unconditional: meant for
   * content-addressed blobs, where a second write of a key brings the same bytes.
   *
   * @throws SIZE_MISMATCH when the stream yields more or fewer bytes; whatever the stream throws is passed on.
   */
  putStream(key: string, stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void>;

  /**
   * Streams an object's bytes; `undefined` when the key is absent.
   *
   * @param fromByte bytes to leave out at the beginning, so that a reader that was cut off can go on where it was.
   */
  getStream(key: string, fromByte?: number): Promise<AsyncIterable<Uint8Array> | undefined>;

  /** Every key with the prefix, ascending. */
  list(prefix: string): AsyncIterable<ObjectEntry>;

  /** Removes an object; does nothing when the key is absent. */
  delete(key: string): Promise<void>;
}
