import { DATATYPE_SIZE_BYTES, type Datatype } from './datatype.ts';
import type { Tensor } from './tensor.ts';

/** Where a number of a floating datatype has its exponent: all ones in it are NaN or an infinity. */
interface ExponentPlace {
  readonly Words: typeof Uint16Array | typeof Uint32Array;
  /** Words of an element. */
  readonly stride: number;
  /** Which of them holds the exponent, of little-endian elements. */
  readonly word: number;
  readonly mask: number;
}

/** @see IEEE 754-2019, section 3.4 */
const EXPONENTS: Partial<Record<Datatype, ExponentPlace>> = {
  FP16: { Words: Uint16Array, stride: 1, word: 0, mask: 0x7c00 },
  BF16: { Words: Uint16Array, stride: 1, word: 0, mask: 0x7f80 },
  FP32: { Words: Uint32Array, stride: 1, word: 0, mask: 0x7f800000 },
  FP64: { Words: Uint32Array, stride: 2, word: 1, mask: 0x7ff00000 },
};

const MAX_LABEL_LENGTH = 100;
const UTF8 = new TextDecoder();

/** Whether a tensor holds NaN or an infinity. */
export function hasNonFinite({ datatype, data }: Tensor): boolean {
  const place = EXPONENTS[datatype];
  if (place === undefined) return false;
  const { Words, stride, word, mask } = place;
  // A copy where the elements do not lie as the processor wants them.
  const bytes = data.byteOffset % Words.BYTES_PER_ELEMENT === 0 ? data : data.slice();
  const words = new Words(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    Math.floor(bytes.byteLength / Words.BYTES_PER_ELEMENT),
  );
  for (let at = word; at < words.length; at += stride) if (((words[at] as number) & mask) === mask) return true;
  return false;
}

/**
 * The first labels that a tensor holds: the index of the largest element along the last axis of floating numbers, the value itself of
 * integers, BOOL and texts. `undefined` for floating numbers without such an axis: those are no labels.
 */
export function labelsOf(tensor: Tensor, limit: number): readonly string[] | undefined {
  const { datatype, shape } = tensor;
  if (datatype === 'BYTES') return textsOf(tensor, limit);
  if (EXPONENTS[datatype] === undefined) return valuesOf(tensor, limit, String);
  const width = shape.at(-1) ?? 1;
  if (shape.length < 2 || width < 2) return undefined;
  const numbers = valuesOf(tensor, limit * width, Number);
  return Array.from({ length: Math.floor(numbers.length / width) }, (_, row) =>
    String(largestAt(numbers, row * width, width)),
  );
}

/** The first numbers of a tensor; none of texts. Integers beyond 2^53 are rounded. */
export function numbersOf(tensor: Tensor, limit: number): readonly number[] {
  return tensor.datatype === 'BYTES' ? [] : valuesOf(tensor, limit, Number);
}

function largestAt(numbers: readonly number[], start: number, width: number): number {
  let largest = 0;
  for (let at = 1; at < width; at += 1) {
    if ((numbers[start + at] as number) > (numbers[start + largest] as number)) largest = at;
  }
  return largest;
}

function valuesOf<T>({ datatype, data }: Tensor, limit: number, as: (value: number | bigint) => T): T[] {
  const sizeBytes = DATATYPE_SIZE_BYTES[datatype] ?? 1;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = Math.min(limit, Math.floor(data.byteLength / sizeBytes));
  return Array.from({ length: count }, (_, index) => as(valueAt(view, index * sizeBytes, datatype)));
}

function valueAt(view: DataView, at: number, datatype: Datatype): number | bigint {
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return view.getUint8(at);
    case 'UINT16':
      return view.getUint16(at, true);
    case 'UINT32':
      return view.getUint32(at, true);
    case 'UINT64':
      return view.getBigUint64(at, true);
    case 'INT8':
      return view.getInt8(at);
    case 'INT16':
      return view.getInt16(at, true);
    case 'INT32':
      return view.getInt32(at, true);
    case 'INT64':
      return view.getBigInt64(at, true);
    case 'FP16':
      return view.getFloat16(at, true);
    case 'BF16':
      return bfloat16(view.getUint16(at, true));
    case 'FP32':
      return view.getFloat32(at, true);
    case 'FP64':
      return view.getFloat64(at, true);
    case 'BYTES':
      return Number.NaN;
  }
}

/** BF16 is the upper half of an FP32. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

function textsOf({ data }: Tensor, limit: number): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const texts: string[] = [];
  for (let at = 0; at + 4 <= data.byteLength && texts.length < limit; ) {
    const end = at + 4 + view.getUint32(at, true);
    texts.push(UTF8.decode(data.subarray(at + 4, Math.min(end, at + 4 + MAX_LABEL_LENGTH))));
    at = end;
  }
  return texts;
}
