import { Readable } from 'node:stream';
import { Client, type ClientOptions } from 'minio';
import {
  assertObjectKey,
  type DirectTransfer,
  type ObjectEntry,
  type ObjectStore,
  ofExactSize,
  type StoredObject,
  type WriteCondition,
} from '#application/registry';
import { DomainError } from '#domain/errors';
import { transportWithDeadline } from './deadline-transport.ts';
import { MultipartUpload, PART_SIZE_BYTES } from './multipart-upload.ts';
import { S3DirectTransfer } from './s3-direct-transfer.ts';
import type { S3Settings } from './s3-settings.ts';

const PARTIAL_CONTENT = 206;

/** An object store in an S3 bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: Client;
  readonly #bucket: string;
  readonly direct: DirectTransfer | undefined;

  private constructor(client: Client, settings: S3Settings) {
    this.#client = client;
    this.#bucket = settings.s3Bucket;
    this.direct = S3DirectTransfer.of(settings);
  }

  /**
   * Opens a bucket, creating it when absent.
   *
   * @throws STORE_UNAVAILABLE when the server cannot be reached or refuses the credentials.
   */
  static async open(settings: S3Settings): Promise<S3ObjectStore> {
    const client = new Client(clientOptions(settings));
    try {
      if (!(await client.bucketExists(settings.s3Bucket)))
        await client.makeBucket(settings.s3Bucket, settings.s3Region).catch(ignoreBucketExists);
    } catch (error) {
      throw unusable(settings, error);
    }
    return new S3ObjectStore(client, settings);
  }

  async get(key: string): Promise<StoredObject | undefined> {
    assertObjectKey(key);
    return this.#call(async () => {
      const stream = await this.#client.getObject(this.#bucket, key).catch(ignoreAbsent);
      if (stream === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk as Uint8Array);
      const { headers } = stream as unknown as { headers: Record<string, string> };
      return { bytes: Buffer.concat(chunks), etag: unquoted(headers['etag'] ?? '') };
    });
  }

  async head(key: string): Promise<ObjectEntry | undefined> {
    assertObjectKey(key);
    return this.#call(async () => {
      const found = await this.#client.statObject(this.#bucket, key).catch(ignoreAbsent);
      return found && { key, sizeBytes: found.size, modifiedAtMs: found.lastModified.getTime() };
    });
  }

  async put(key: string, bytes: Uint8Array, condition?: WriteCondition): Promise<string> {
    assertObjectKey(key);
    const headers: Record<string, string> =
      condition === undefined
        ? {}
        : condition.kind === 'absent'
          ? { 'If-None-Match': '*' }
          : { 'If-Match': `"${condition.etag}"` };
    return this.#call(async () => {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const { etag } = await this.#client.putObject(this.#bucket, key, body, bytes.byteLength, headers);
      return unquoted(etag);
    }, condition && key);
  }

  async putStream(key: string, stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    assertObjectKey(key);
    // A store that is given a short stream may keep a partial object; so what is sent is exact or the stream throws.
    const exact = ofExactSize(stream, sizeBytes, key);
    await this.#call(async () => {
      if (sizeBytes > PART_SIZE_BYTES) return MultipartUpload.run(this.#client, this.#bucket, key, exact, sizeBytes);
      const bytes = await readWhole(exact, sizeBytes);
      await this.#client.putObject(this.#bucket, key, bytes, sizeBytes);
    });
  }

  async getStream(key: string, fromByte = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    assertObjectKey(key);
    if (fromByte === 0) return this.#call(() => this.#client.getObject(this.#bucket, key).catch(ignoreAbsent));
    return this.#call(async () => {
      try {
        const stream = await this.#client.getPartialObject(this.#bucket, key, fromByte);
        // A server, or a proxy before it, may answer a request for a range with the whole object.
        const { statusCode } = stream as unknown as { statusCode: number };
        return statusCode === PARTIAL_CONTENT ? stream : without(stream, fromByte);
      } catch (error) {
        if (codeOf(error) === 'InvalidRange') return Readable.from([]);
        return ignoreAbsent(error);
      }
    });
  }

  async *list(prefix: string): AsyncIterable<ObjectEntry> {
    const listing = this.#client.listObjectsV2(this.#bucket, prefix, true);
    try {
      for await (const item of listing) {
        const { name, size, lastModified } = item as { name: string; size: number; lastModified: Date };
        yield { key: name, sizeBytes: size, modifiedAtMs: lastModified.getTime() };
      }
    } catch (error) {
      throw translated(error);
    }
  }

  async delete(key: string): Promise<void> {
    assertObjectKey(key);
    await this.#call(() => this.#client.removeObject(this.#bucket, key));
  }

  async #call<T>(act: () => Promise<T>, conditionalKey?: string): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw translated(error, conditionalKey);
    }
  }
}

/** A stream without its first bytes. */
async function* without(stream: AsyncIterable<Uint8Array>, byteCount: number): AsyncIterable<Uint8Array> {
  let skipped = 0;
  for await (const chunk of stream) {
    const surplus = Math.min(chunk.byteLength, byteCount - skipped);
    skipped += surplus;
    if (surplus < chunk.byteLength) yield chunk.subarray(surplus);
  }
}

async function readWhole(stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let length = 0;
  for await (const chunk of stream) {
    bytes.set(chunk, length);
    length += chunk.byteLength;
  }
  return bytes;
}

function clientOptions(settings: S3Settings): ClientOptions {
  if (settings.s3Endpoint === undefined) {
    throw new DomainError('STORE_UNAVAILABLE', 'SLIPWAY_S3_ENDPOINT is not set: name the host of the S3 server');
  }
  const { hostname, port } = new URL(`http://${settings.s3Endpoint}`);
  return {
    endPoint: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    useSSL: settings.s3UseTls,
    region: settings.s3Region,
    // Repeating is the caller's business: only it knows whether the outcome of a failed write matters.
    retryOptions: { disableRetry: true },
    transport: transportWithDeadline(settings.s3UseTls),
    ...(settings.s3AccessKey === undefined ? {} : { accessKey: settings.s3AccessKey }),
    ...(settings.s3SecretKey === undefined ? {} : { secretKey: settings.s3SecretKey }),
  };
}

const LOST_CODES = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NotModified']);
const ABSENT_CODES = new Set(['NoSuchKey', 'NotFound', 'NoSuchObject']);

function translated(error: unknown, conditionalKey?: string): unknown {
  if (error instanceof DomainError) return error;
  const { code, cause } = error as { code?: string; cause?: unknown };
  if (cause instanceof DomainError) return cause;
  const isLost =
    code !== undefined && (LOST_CODES.has(code) || (conditionalKey !== undefined && ABSENT_CODES.has(code)));
  if (isLost) {
    return new DomainError('PRECONDITION_FAILED', `${conditionalKey} is not in the state that the write expected`);
  }
  return new DomainError(
    'STORE_UNAVAILABLE',
    `the object store failed with ${code ?? 'an unknown error'}`,
    {},
    { cause: error },
  );
}

/** Said once, at the start, to the operator: with the names that no client is told later. */
function unusable({ s3Bucket, s3Endpoint, s3UseTls }: S3Settings, error: unknown): DomainError {
  const { code, message } = error as { code?: string; message: string };
  const reason = [code, message].filter((text) => text !== undefined && text !== '').join(': ');
  const place = `the bucket ${s3Bucket} at ${s3UseTls ? 'https' : 'http'}://${s3Endpoint}`;
  return new DomainError('STORE_UNAVAILABLE', `${place} cannot be used: ${reason}`, {}, { cause: error });
}

function ignoreAbsent(error: unknown): undefined {
  if (ABSENT_CODES.has(codeOf(error) ?? '')) return undefined;
  throw error;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Another program created the bucket at the same moment. */
function ignoreBucketExists(error: unknown): void {
  if ((error as { code?: string }).code !== 'BucketAlreadyOwnedByYou') throw error;
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
