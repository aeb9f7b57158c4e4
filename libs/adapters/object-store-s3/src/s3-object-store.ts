import { createHash } from 'node:crypto';
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
import { DomainError, isDomainError } from '#domain/errors';
import { MultipartUpload, PART_SIZE_BYTES } from './multipart-upload.ts';
import { Repetition } from './repetition.ts';
import { S3DirectTransfer } from './s3-direct-transfer.ts';
import { codeOf, DamagedAnswer, isAbsent, isPassing, isUndone, translated } from './s3-errors.ts';
import type { S3Settings } from './s3-settings.ts';
import { StoreSilence } from './store-silence.ts';
import { watchedTransport } from './watched-transport.ts';

const PARTIAL_CONTENT = 206;
/** Written with each whole object, and compared when it is read: records have no digest in their names. */
const CHECKSUM_HEADER = 'x-amz-meta-sha256';

/** An object store in an S3 bucket. Requests that failed for the moment are made again a few times; see {@link Repetition}. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: Client;
  readonly #bucket: string;
  readonly #silence: StoreSilence;
  readonly #repetition: Repetition;
  readonly direct: DirectTransfer | undefined;

  private constructor(client: Client, settings: S3Settings, silence: StoreSilence, repetition: Repetition) {
    this.#client = client;
    this.#bucket = settings.s3Bucket;
    this.#silence = silence;
    this.#repetition = repetition;
    this.direct = S3DirectTransfer.of(settings);
    silence.probeWith(() => client.bucketExists(settings.s3Bucket));
  }

  /**
   * Opens a bucket, creating it when absent.
   *
   * @throws STORE_UNAVAILABLE when the server cannot be reached or refuses the credentials.
   */
  static async open(settings: S3Settings): Promise<S3ObjectStore> {
    const silence = new StoreSilence();
    const repetition = new Repetition();
    const client = new Client(clientOptions(settings, silence));
    try {
      // As a whole: of several programs that create the bucket at once, some servers refuse all but one in odd words.
      await repetition.run(() => createWhenAbsent(client, settings), isPassing);
    } catch (error) {
      throw unusable(settings, error);
    }
    return new S3ObjectStore(client, settings, silence, repetition);
  }

  async get(key: string): Promise<StoredObject | undefined> {
    assertObjectKey(key);
    return this.#call(async () => {
      const stream = await this.#client.getObject(this.#bucket, key).catch(ignoreAbsent);
      if (stream === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk as Uint8Array);
      const bytes = Buffer.concat(chunks);
      const { headers } = stream as unknown as { headers: Record<string, string> };
      const checksum = headers[CHECKSUM_HEADER];
      if (checksum !== undefined && checksum !== sha256Hex(bytes))
        throw new DamagedAnswer(`the bytes of ${key} do not have their checksum`);
      return { bytes, etag: unquoted(headers['etag'] ?? '') };
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
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headers = { [CHECKSUM_HEADER]: sha256Hex(body), ...headersOf(condition) };
    const write = async () => {
      const { etag } = await this.#client.putObject(this.#bucket, key, body, bytes.byteLength, headers);
      return unquoted(etag);
    };
    return condition === undefined ? this.#call(write) : this.#writeOnce(write, key, body);
  }

  async putStream(key: string, stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    assertObjectKey(key);
    // A store that is given a short stream may keep a partial object; so what is sent is exact or the stream throws.
    const exact = ofExactSize(stream, sizeBytes, key);
    this.#silence.assertSpeaking();
    if (sizeBytes > PART_SIZE_BYTES) {
      const place = { client: this.#client, bucket: this.#bucket, key, repetition: this.#repetition };
      return MultipartUpload.run(place, exact, sizeBytes).catch((error: unknown) => {
        throw translated(error);
      });
    }
    const bytes = await readWhole(exact, sizeBytes);
    await this.#call(() => this.#client.putObject(this.#bucket, key, bytes, sizeBytes));
  }

  async getStream(key: string, fromByte = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    assertObjectKey(key);
    const stream = await this.#call(() => this.#openStream(key, fromByte));
    return stream && readingOf(stream);
  }

  async *list(prefix: string): AsyncIterable<ObjectEntry> {
    let lastKey = '';
    this.#repetition.begin();
    for (let tries = 1; ; tries += 1) {
      this.#silence.assertSpeaking();
      try {
        for await (const item of this.#client.listObjectsV2(this.#bucket, prefix, true, lastKey)) {
          const { name, size, lastModified } = item as { name: string; size: number; lastModified: Date };
          lastKey = name;
          yield { key: name, sizeBytes: size, modifiedAtMs: lastModified.getTime() };
        }
        return;
      } catch (error) {
        if (!isPassing(error) || !(await this.#repetition.grants(tries))) throw translated(error);
      }
    }
  }

  async delete(key: string): Promise<void> {
    assertObjectKey(key);
    await this.#call(() => this.#client.removeObject(this.#bucket, key));
  }

  async #openStream(key: string, fromByte: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    if (fromByte === 0) return this.#client.getObject(this.#bucket, key).catch(ignoreAbsent);
    try {
      const stream = await this.#client.getPartialObject(this.#bucket, key, fromByte);
      // A server, or a proxy before it, may answer a request for a range with the whole object.
      const { statusCode } = stream as unknown as { statusCode: number };
      return statusCode === PARTIAL_CONTENT ? stream : without(stream, fromByte);
    } catch (error) {
      if (codeOf(error) === 'InvalidRange') return Readable.from([]);
      return ignoreAbsent(error);
    }
  }

  /** Does what may be done twice. */
  async #call<T>(act: () => Promise<T>): Promise<T> {
    this.#silence.assertSpeaking();
    try {
      return await this.#repetition.run(act, isPassing);
    } catch (error) {
      throw translated(error);
    }
  }

  /** A write under a condition, again when its answer was lost: that it loses then may mean that it had won, which its bytes tell. */
  async #writeOnce(write: () => Promise<string>, key: string, bytes: Uint8Array): Promise<string> {
    this.#silence.assertSpeaking();
    let mayBeDone = false;
    const isWorthIt = (error: unknown) => {
      const isAgain = isPassing(error);
      mayBeDone ||= isAgain && !isUndone(error);
      return isAgain;
    };
    try {
      return await this.#repetition.run(write, isWorthIt);
    } catch (error) {
      const failure = translated(error, key);
      if (!mayBeDone || !isDomainError(failure, 'PRECONDITION_FAILED')) throw failure;
      const found = await this.get(key);
      if (found !== undefined && Buffer.compare(found.bytes, bytes) === 0) return found.etag;
      throw failure;
    }
  }
}

function headersOf(condition: WriteCondition | undefined): Record<string, string> {
  if (condition === undefined) return {};
  return condition.kind === 'absent' ? { 'If-None-Match': '*' } : { 'If-Match': `"${condition.etag}"` };
}

/** A stream whose failures are told as the store's. */
async function* readingOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw translated(error);
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

function clientOptions(settings: S3Settings, silence: StoreSilence): ClientOptions {
  if (settings.s3Endpoint === undefined) {
    throw new DomainError('STORE_UNAVAILABLE', 'SLIPWAY_S3_ENDPOINT is not set: name the host of the S3 server');
  }
  const { hostname, port } = new URL(`http://${settings.s3Endpoint}`);
  return {
    endPoint: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    useSSL: settings.s3UseTls,
    region: settings.s3Region,
    // The library knows neither which writes may be repeated nor how many requests there are altogether.
    retryOptions: { disableRetry: true },
    transport: watchedTransport(settings.s3UseTls, silence),
    ...(settings.s3AccessKey === undefined ? {} : { accessKey: settings.s3AccessKey }),
    ...(settings.s3SecretKey === undefined ? {} : { secretKey: settings.s3SecretKey }),
  };
}

async function createWhenAbsent(client: Client, { s3Bucket, s3Region }: S3Settings): Promise<void> {
  if (await client.bucketExists(s3Bucket)) return;
  await client.makeBucket(s3Bucket, s3Region).catch(ignoreBucketExists);
}

/** Said once, at the start, to the operator: with the names that no client is told later. */
function unusable({ s3Bucket, s3Endpoint, s3UseTls }: S3Settings, error: unknown): DomainError {
  const { code, message } = error as { code?: string; message: string };
  const reason = [code, message].filter((text) => text !== undefined && text !== '').join(': ');
  const place = `the bucket ${s3Bucket} at ${s3UseTls ? 'https' : 'http'}://${s3Endpoint}`;
  return new DomainError('STORE_UNAVAILABLE', `${place} cannot be used: ${reason}`, {}, { cause: error });
}

function ignoreAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}

/** Another program created the bucket at the same moment. */
function ignoreBucketExists(error: unknown): void {
  if (codeOf(error) !== 'BucketAlreadyOwnedByYou') throw error;
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
