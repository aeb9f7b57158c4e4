import type { InferTensorContents } from '#generated/inference/open_inference';
import { malformed, WIRE_TYPE, type WireReader } from './wire-reader.ts';

/** A text takes an object, however short it is. */
const MAX_TEXTS = 1_000_000;
const TEXT_TAG = 8 * 8 + WIRE_TYPE.delimited;

type Numbers = Uint8Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

/** The numbers of one field, as far as they were read. */
interface Growing {
  readonly values: Numbers;
  /** The same memory. */
  readonly bytes: Uint8Array;
  /** The same memory by halves of 64-bit numbers. */
  readonly halves: Uint32Array;
  count: number;
}

/** A repeated field of numbers. */
interface NumberField {
  readonly create: (length: number) => Numbers;
  readonly wireType: number;
  /** Takes one number. */
  readonly read: (reader: WireReader, into: Growing) => void;
}

const readInteger = (reader: WireReader, { values, count }: Growing) => {
  (values as Uint32Array)[count] = reader.uint32();
};
const readLongInteger = (reader: WireReader, { halves, count }: Growing) => reader.int64Into(halves, count * 2);
const readBytes =
  (sizeBytes: number) =>
  (reader: WireReader, { bytes, count }: Growing) =>
    bytes.set(reader.take(sizeBytes), count * sizeBytes);

/** By the field numbers of InferTensorContents. */
const FIELDS: readonly (NumberField | undefined)[] = [
  undefined,
  {
    create: (length) => new Uint8Array(length),
    wireType: WIRE_TYPE.varint,
    read: (reader, { values, count }) => {
      (values as Uint8Array)[count] = reader.bool() ? 1 : 0;
    },
  },
  { create: (length) => new Int32Array(length), wireType: WIRE_TYPE.varint, read: readInteger },
  { create: (length) => new BigInt64Array(length), wireType: WIRE_TYPE.varint, read: readLongInteger },
  { create: (length) => new Uint32Array(length), wireType: WIRE_TYPE.varint, read: readInteger },
  { create: (length) => new BigUint64Array(length), wireType: WIRE_TYPE.varint, read: readLongInteger },
  { create: (length) => new Float32Array(length), wireType: WIRE_TYPE.fixed32, read: readBytes(4) },
  { create: (length) => new Float64Array(length), wireType: WIRE_TYPE.fixed64, read: readBytes(8) },
];
const NUMBER_SIZE_BYTES: Readonly<Record<number, number>> = { [WIRE_TYPE.fixed32]: 4, [WIRE_TYPE.fixed64]: 8 };

/**
 * Reads typed contents: numbers into typed arrays, whether they are packed or not. It is read twice, so that every array is made once.
 *
 * @throws REQUEST_MALFORMED
 */
export function readTensorContents(reader: WireReader): InferTensorContents {
  const counts = countNumbers(reader.copy());
  const numbers = FIELDS.map((field, number) => field && growing(field, counts[number] ?? 0));
  const texts: Uint8Array[] = [];
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const field = FIELDS[tag >>> 3];
    const into = numbers[tag >>> 3];
    if (tag === TEXT_TAG) {
      if (texts.length === MAX_TEXTS) throw malformed(`has more than ${MAX_TEXTS} bytes_contents: send them raw`);
      texts.push(reader.bytes());
    } else if (field === undefined || into === undefined) reader.skip(tag);
    else if ((tag & 7) === field.wireType) readOne(field, reader, into);
    else if ((tag & 7) === WIRE_TYPE.delimited) readPacked(field, reader.inner(), into);
    else reader.skip(tag);
  }
  // A typed array is used as an array of its elements is.
  const arrayOf = <T>(field: number) => (numbers[field]?.values ?? []) as unknown as T[];
  return {
    boolContents: arrayOf(1),
    intContents: arrayOf(2),
    int64Contents: arrayOf(3),
    uintContents: arrayOf(4),
    uint64Contents: arrayOf(5),
    fp32Contents: arrayOf(6),
    fp64Contents: arrayOf(7),
    bytesContents: texts,
  };
}

function countNumbers(reader: WireReader): number[] {
  const counts = FIELDS.map(() => 0);
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    const field = FIELDS[tag >>> 3];
    const isPacked = field !== undefined && (tag & 7) === WIRE_TYPE.delimited;
    if (isPacked) counts[tag >>> 3] = (counts[tag >>> 3] ?? 0) + countPacked(field, reader.inner());
    else {
      if ((tag & 7) === field?.wireType) counts[tag >>> 3] = (counts[tag >>> 3] ?? 0) + 1;
      reader.skip(tag);
    }
  }
  return counts;
}

/** Room for so many numbers; most fields have none. */
function growing({ create }: NumberField, length: number): Growing | undefined {
  if (length === 0) return undefined;
  const values = create(length);
  const { buffer, byteLength } = values;
  return { values, bytes: new Uint8Array(buffer), halves: new Uint32Array(buffer, 0, byteLength >>> 2), count: 0 };
}

function readOne(field: NumberField, reader: WireReader, into: Growing): void {
  field.read(reader, into);
  into.count += 1;
}

function countPacked({ wireType }: NumberField, packed: WireReader): number {
  const sizeBytes = NUMBER_SIZE_BYTES[wireType];
  if (sizeBytes === undefined) return packed.countVarints();
  if (packed.bytesLeft % sizeBytes !== 0) throw malformed('ends in the middle of a number');
  return packed.bytesLeft / sizeBytes;
}

function readPacked(field: NumberField, packed: WireReader, into: Growing): void {
  const sizeBytes = NUMBER_SIZE_BYTES[field.wireType];
  if (sizeBytes === undefined) while (!packed.isAtEnd) readOne(field, packed, into);
  else {
    const { bytesLeft } = packed;
    into.bytes.set(packed.take(bytesLeft), into.count * sizeBytes);
    into.count += bytesLeft / sizeBytes;
  }
}
