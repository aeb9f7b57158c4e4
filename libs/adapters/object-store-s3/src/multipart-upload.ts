import type { Client } from 'minio';
import type { Repetition } from './repetition.ts';
import { isPassing } from './s3-errors.ts';

/** S3 allows 10,000 parts: parts of this size reach 80 GiB, and larger objects get larger parts. */
export const PART_SIZE_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** Parts that are on their way at once; with the one that fills, this bounds the memory of an upload. */
const PARTS_IN_FLIGHT = 3;

/** Where an upload goes, and how. */
export interface UploadPlace {
  readonly client: Client;
  readonly bucket: string;
  readonly key: string;
  readonly repetition: Repetition;
}

interface Part {
  readonly part: number;
  readonly etag: string;
}

/**
 * An upload in parts that travel side by side. Nothing is under the key before the last step, and a failed upload leaves no parts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export class MultipartUpload {
  readonly #place: UploadPlace;
  readonly #uploadId: string;
  readonly #parts: Part[] = [];
  readonly #flying = new Set<Promise<void>>();
  /** Buffers of parts that have arrived, to be filled again: new ones would wait for the garbage collection by the gigabyte. */
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #failure: { readonly error: unknown } | undefined;

  private constructor(place: UploadPlace, uploadId: string) {
    this.#place = place;
    this.#uploadId = uploadId;
  }

  /** @param stream of exactly `sizeBytes` bytes, or it throws. */
  static async run(place: UploadPlace, stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    const { client, bucket, key, repetition } = place;
    const begin = () => client.initiateNewMultipartUpload(bucket, key, {});
    const uploadId = await repetition.run(begin, isPassing);
    const upload = new MultipartUpload(place, uploadId);
    try {
      await upload.#sendAll(stream, sizeBytes);
      upload.#parts.sort((left, right) => left.part - right.part);
      await client.completeMultipartUpload(bucket, key, uploadId, upload.#parts);
    } catch (error) {
      await Promise.allSettled(upload.#flying);
      await client.abortMultipartUpload(bucket, key, uploadId).catch(() => {});
      throw error;
    }
  }

  async #sendAll(stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    const partSize = Math.max(PART_SIZE_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
    let number = 1;
    let buffer = Buffer.allocUnsafe(partSize);
    let filled = 0;
    for await (const chunk of stream) {
      for (let from = 0; from < chunk.byteLength; ) {
        const count = Math.min(chunk.byteLength - from, buffer.byteLength - filled);
        buffer.set(chunk.subarray(from, from + count), filled);
        from += count;
        filled += count;
        if (filled < buffer.byteLength) continue;
        await this.#send(number, buffer);
        number += 1;
        buffer = this.#free.pop() ?? Buffer.allocUnsafe(partSize);
        filled = 0;
      }
    }
    if (filled > 0) await this.#send(number, buffer.subarray(0, filled));
    await Promise.all(this.#flying);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Returns when another part may be filled, which may be long before this one has arrived. */
  async #send(partNumber: number, bytes: Buffer<ArrayBuffer>): Promise<void> {
    while (this.#flying.size >= PARTS_IN_FLIGHT) await Promise.race(this.#flying);
    if (this.#failure !== undefined) throw this.#failure.error;
    const sending = this.#sendPart(partNumber, bytes).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#flying.add(sending);
    void sending.finally(() => this.#flying.delete(sending));
  }

  async #sendPart(partNumber: number, bytes: Buffer<ArrayBuffer>): Promise<void> {
    const { client, bucket, key, repetition } = this.#place;
    const part = { bucketName: bucket, objectName: key, uploadID: this.#uploadId, partNumber, headers: {} };
    const { etag } = await repetition.run(() => client.uploadPart(part, bytes), isPassing);
    this.#parts.push({ part: partNumber, etag });
    this.#free.push(bytes);
  }
}
