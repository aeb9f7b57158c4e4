import { WIRE_TYPE } from './wire-reader.ts';

const TWO_TO_28 = 2 ** 28;

/** Bytes of a varint. @param value a whole number below 2^53, not negative. */
export function sizeOfVarint(value: number): number {
  let rest = value;
  let size = 1;
  while (rest >= 0x80) {
    rest = rest < TWO_TO_28 ? rest >>> 7 : Math.floor(rest / 0x80);
    size += 1;
  }
  return size;
}

/** Bytes of a field that says how long it is. */
export function sizeOfDelimited(byteLength: number): number {
  return 1 + sizeOfVarint(byteLength) + byteLength;
}

/**
 * Writes Protocol Buffers' wire format into bytes that are as many as it needs. Fields have numbers below 16, whose tags are one byte.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class WireWriter {
  readonly #bytes: Buffer;
  #at: number;

  /** Writes from `start` on. */
  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** @param byteLength of the text in UTF-8. */
  string(field: number, text: string, byteLength: number): void {
    this.head(field, byteLength);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.head(field, bytes.byteLength);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  /** What stands before the bytes of a field: its tag and their number. */
  head(field: number, byteLength: number): void {
    this.#bytes[this.#at] = field * 8 + WIRE_TYPE.delimited;
    this.#at += 1;
    this.varint(byteLength);
  }

  /** @param value a whole number below 2^53, not negative. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at] = (rest % 0x80) | 0x80;
      this.#at += 1;
      rest = rest < TWO_TO_28 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at] = rest;
    this.#at += 1;
  }
}
