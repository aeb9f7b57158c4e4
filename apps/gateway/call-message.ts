import { FRAME_HEADER_BYTES } from '#adapters/open-inference';
import { release } from './external-memory.ts';

/** A message of a gRPC call as it came. */
export interface CallMessage {
  readonly bytes: Buffer;
  /** What it is compressed by, as the call says; `undefined` when it is not. */
  readonly encoding: string | undefined;
}

/** That a call breaks the rules of gRPC over HTTP/2. */
export class FramingError extends Error {}

/**
 * Takes the messages of one call out of the chunks that come of it.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class MessageReader {
  readonly #encoding: string;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #received = 0;

  /**
   * @param encoding that the call names for its compressed messages.
   * @param maxBytes of a message.
   */
  constructor(encoding: string | string[] | undefined, maxBytes: number) {
    this.#encoding = String(encoding ?? 'identity');
    this.#maxBytes = maxBytes;
  }

  /** Bytes that no message has been made of yet. */
  get pendingBytes(): number {
    return this.#received;
  }

  /** Takes another chunk. @returns false when the message that it belongs to is larger than it may be. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#received += chunk.byteLength;
    return (this.#lengthOfNext() ?? 0) <= this.#maxBytes;
  }

  /**
   * The next message that is there as a whole, in memory of its own if it came in several chunks.
   *
   * @throws FramingError
   */
  next(): CallMessage | undefined {
    const length = this.#lengthOfNext();
    if (length === undefined || this.#received < FRAME_HEADER_BYTES + length) return undefined;
    const isCompressed = (this.#chunks[0] as Buffer)[0] !== 0;
    if (isCompressed && this.#encoding === 'identity')
      throw new FramingError('the message is marked as compressed, without a grpc-encoding');
    return { bytes: this.#take(length), encoding: isCompressed ? this.#encoding : undefined };
  }

  /** Says what is missing of the message that has begun. */
  explainPending(): string {
    const length = this.#lengthOfNext();
    if (length === undefined) return 'the message has no whole length';
    return `the message has ${this.#received - FRAME_HEADER_BYTES} of its ${length} bytes`;
  }

  clear(): void {
    this.#chunks = [];
    this.#received = 0;
  }

  #lengthOfNext(): number | undefined {
    if (this.#received < FRAME_HEADER_BYTES) return undefined;
    let [first] = this.#chunks as [Buffer];
    if (first.byteLength < FRAME_HEADER_BYTES) {
      first = Buffer.concat(this.#chunks);
      this.#chunks = [first];
    }
    return first.readUInt32BE(1);
  }

  #take(length: number): Buffer {
    const end = FRAME_HEADER_BYTES + length;
    const chunks = this.#chunks;
    const [first] = chunks as [Buffer];
    this.#received -= end;
    if (first.byteLength >= end) {
      if (first.byteLength === end) chunks.shift();
      else chunks[0] = first.subarray(end);
      return first.subarray(FRAME_HEADER_BYTES, end);
    }
    const message = Buffer.allocUnsafeSlow(length);
    let at = -FRAME_HEADER_BYTES;
    let rest: Buffer | undefined;
    for (const chunk of chunks) {
      chunk.copy(message, Math.max(0, at), Math.max(0, -at));
      at += chunk.byteLength;
      if (at > length) rest = chunk.subarray(chunk.byteLength - (at - length));
      else release(chunk);
    }
    this.#chunks = rest === undefined ? [] : [rest];
    return message;
  }
}
