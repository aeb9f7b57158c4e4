import { DomainError } from '#domain/errors';
import type { ByteSource } from './byte-source.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** One field of a message, as it stands in the bytes. */
export type ProtoField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: ProtoReader }
  | { readonly number: number; readonly kind: 'fixed' };

/**
 * Reads one Protocol Buffers message field by field, without a schema and without copying: nested messages are readers over the
 * same bytes. Never reads outside its range, whatever the bytes say.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtoReader {
  readonly #source: ByteSource;
  readonly #end: number;
  #at: number;

  constructor(source: ByteSource, start = 0, end = source.byteLength) {
    this.#source = source;
    this.#at = start;
    this.#end = end;
  }

  get byteLength(): number {
    return this.#end - this.#at;
  }

  /** @throws MODEL_FILE_INVALID where the bytes are not a message. */
  *fields(): Generator<ProtoField> {
    while (this.#at < this.#end) {
      const tag = this.#number('a field tag');
      const number = Math.floor(tag / 8);
      if (number === 0) throw this.#malformed('field number 0');
      yield this.#field(number, tag % 8);
    }
  }

  /** Every varint of the range, which holds a packed repeated field. @throws MODEL_FILE_INVALID */
  *varints(): Generator<bigint> {
    while (this.#at < this.#end) yield this.#varint();
  }

  /** The whole range as text. @throws MODEL_FILE_INVALID when it is not UTF-8 or longer than `maxLength` bytes. */
  text(maxLength: number): string {
    if (this.byteLength > maxLength) throw this.#malformed(`a text of ${this.byteLength} bytes`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#source.slice(this.#at, this.#end));
    } catch {
      throw this.#malformed('a text that is not UTF-8');
    }
  }

  #field(number: number, wireType: number): ProtoField {
    switch (wireType) {
      case VARINT:
        return { number, kind: 'varint', value: this.#varint() };
      case LENGTH_DELIMITED: {
        const length = this.#number('a length');
        const start = this.#at;
        this.#skip(length);
        return { number, kind: 'bytes', value: new ProtoReader(this.#source, start, start + length) };
      }
      case FIXED64:
        this.#skip(8);
        return { number, kind: 'fixed' };
      case FIXED32:
        this.#skip(4);
        return { number, kind: 'fixed' };
      default:
        throw this.#malformed(`wire type ${wireType}`);
    }
  }

  #number(what: string): number {
    const value = this.#varint();
    if (value > MAX_SAFE) throw this.#malformed(`${what} of ${value}`);
    return Number(value);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#at < this.#end ? this.#source.byteAt(this.#at) : undefined;
      if (byte === undefined) throw this.#malformed('an end in the middle of a number');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw this.#malformed('a number of more than ten bytes');
  }

  #skip(length: number): void {
    if (length > this.#end - this.#at)
      throw this.#malformed(`a length of ${length} with ${this.#end - this.#at} bytes left`);
    this.#at += length;
  }

  #malformed(what: string): DomainError {
    return new DomainError('MODEL_FILE_INVALID', `not an ONNX model: ${what} at byte ${this.#at}`);
  }
}
