import { DomainError } from '#domain/errors';

/** How a value lies on the wire. */
export const WIRE_TYPE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

const MAX_VARINT_BYTES = 10;

/**
 * Reads Protocol Buffers' wire format from bytes that anybody may have sent: nothing is read beyond the end, nothing recurses, and what is
 * skipped costs nothing.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** Reads from `start` to before `end`. */
  constructor(bytes: Buffer, start = 0, end = bytes.byteLength) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Passes over the value of a tag. @throws REQUEST_MALFORMED */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === WIRE_TYPE.varint) this.#passVarint();
    else if (wireType === WIRE_TYPE.fixed64) this.#take(8);
    else if (wireType === WIRE_TYPE.delimited) this.#take(this.uint32());
    else if (wireType === WIRE_TYPE.fixed32) this.#take(4);
    // Groups are older than proto3, and the only values that nest without saying how long they are.
    else throw malformed(`has a value of wire type ${wireType}`);
  }

  /** The lower 32 bits of a varint, unsigned. @throws REQUEST_MALFORMED */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < MAX_VARINT_BYTES * 7; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw malformed('has a number of more than 10 bytes');
  }

  /** Whether a varint is not 0. @throws REQUEST_MALFORMED */
  bool(): boolean {
    if (this.#isShort()) return this.#byte() !== 0;
    const halves = new Uint32Array(2);
    this.int64Into(halves, 0);
    return (halves[0] as number) !== 0 || (halves[1] as number) !== 0;
  }

  /** A varint as a signed integer. @throws REQUEST_MALFORMED */
  int64(): bigint {
    if (this.#isShort()) return BigInt(this.#byte());
    const halves = new Uint32Array(2);
    this.int64Into(halves, 0);
    return BigInt.asIntN(64, (BigInt(halves[1] as number) << 32n) | BigInt(halves[0] as number));
  }

  /** Puts the 64 bits of a varint into two places of 32 bits, the lower ones first. @throws REQUEST_MALFORMED */
  int64Into(halves: Uint32Array, index: number): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < MAX_VARINT_BYTES * 7; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        halves[index] = low;
        halves[index + 1] = high;
        return;
      }
    }
    throw malformed('has a number of more than 10 bytes');
  }

  /** A view of so many bytes. @throws REQUEST_MALFORMED */
  take(byteLength: number): Buffer {
    const start = this.#take(byteLength);
    return this.#bytes.subarray(start, start + byteLength);
  }

  /** A view. @throws REQUEST_MALFORMED */
  bytes(): Buffer {
    return this.take(this.uint32());
  }

  /** @throws REQUEST_MALFORMED */
  string(): string {
    const length = this.uint32();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A reader of a message, or of packed numbers, that stands here. @throws REQUEST_MALFORMED */
  inner(): WireReader {
    const length = this.uint32();
    const start = this.#take(length);
    return new WireReader(this.#bytes, start, start + length);
  }

  /** Another reader of what is left here. */
  copy(): WireReader {
    return new WireReader(this.#bytes, this.#at, this.#end);
  }

  get bytesLeft(): number {
    return this.#end - this.#at;
  }

  /** How many varints are left, if there is nothing else. */
  countVarints(): number {
    let count = 0;
    for (let at = this.#at; at < this.#end; at += 1) if ((this.#bytes[at] as number) < 0x80) count += 1;
    return count;
  }

  #passVarint(): void {
    for (let length = 0; length < MAX_VARINT_BYTES; length += 1) if (this.#byte() < 0x80) return;
    throw malformed('has a number of more than 10 bytes');
  }

  /** Whether a varint of one byte stands here, as most do. */
  #isShort(): boolean {
    return this.#at < this.#end && (this.#bytes[this.#at] as number) < 0x80;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed('ends in the middle of a field');
    const byte = this.#bytes[this.#at] as number;
    this.#at += 1;
    return byte;
  }

  /** Passes over bytes, and answers where they begin. */
  #take(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) throw malformed('ends in the middle of a field');
    this.#at = start + length;
    return start;
  }
}

/** A message that does not follow the wire format, or this server's bounds. */
export function malformed(problem: string): DomainError {
  return new DomainError('REQUEST_MALFORMED', `the message ${problem}`);
}
