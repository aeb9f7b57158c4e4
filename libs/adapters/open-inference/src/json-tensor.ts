import { DomainError, shown } from '#domain/errors';
import { type Datatype, elementCount, isDatatype, shownShape, type Tensor } from '#domain/inference';
import { type NumberArrayKind, tensorRoom } from './tensor-slab.ts';

/** How the elements of a datatype are stored, and which numbers they can be. */
interface NumberFormat {
  readonly kind: NumberArrayKind;
  readonly min: number;
  readonly max: number;
  readonly isInteger: boolean;
}

const integer = (kind: NumberArrayKind, min: number, max: number): NumberFormat => ({
  kind,
  min,
  max,
  isInteger: true,
});
const float = (kind: NumberArrayKind): NumberFormat => ({
  kind,
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  isInteger: false,
});

const NUMBER_FORMATS: Partial<Record<Datatype, NumberFormat>> = {
  UINT8: integer('uint8', 0, 255),
  UINT16: integer('uint16', 0, 65_535),
  UINT32: integer('uint32', 0, 4_294_967_295),
  INT8: integer('int8', -128, 127),
  INT16: integer('int16', -32_768, 32_767),
  INT32: integer('int32', -2_147_483_648, 2_147_483_647),
  FP16: float('float16'),
  FP32: float('float32'),
  FP64: float('float64'),
};

/** One entry of `inputs`, as it is parsed: `data` is an array, or a `Float64Array` when it has nothing but numbers. */
export interface JsonInput {
  readonly name?: unknown;
  readonly shape?: unknown;
  readonly datatype?: unknown;
  readonly data?: unknown;
  readonly parameters?: unknown;
}

/**
 * Reads one input tensor from JSON. `data` may be flat or nested, row-major either way.
 *
 * @throws TENSOR_INVALID naming the field, what was wanted and what came.
 */
export function decodeJsonTensor(input: JsonInput, field: string): Tensor {
  const description = readDescription(input, field);
  const { datatype, shape } = description;
  const count = elementCount(shape, `${field}.shape`);
  if (!isArray(input.data)) throw invalid(`${field}.data`, 'must be an array');
  const values = flatten(input.data, shape.length, field);
  if (values.length !== count) {
    throw invalid(`${field}.data`, `shape ${shownShape(shape)} needs ${count} elements, got ${values.length}`);
  }
  return { ...description, data: encodeValues(datatype, values, `${field}.data`) };
}

/** What an input says of itself beside its data. @throws TENSOR_INVALID */
export function readDescription(input: JsonInput, field: string): Omit<Tensor, 'data'> {
  if (typeof input !== 'object' || input === null) throw invalid(field, 'must be an object');
  const { name, datatype, shape } = input;
  if (typeof name !== 'string' || name === '') throw invalid(`${field}.name`, 'must be a non-empty string');
  if (typeof datatype !== 'string' || !isDatatype(datatype)) {
    throw invalid(`${field}.datatype`, `${shown(datatype)} is not a datatype of the protocol`);
  }
  if (!Array.isArray(shape)) throw invalid(`${field}.shape`, 'must be an array of whole numbers');
  return { name, datatype, shape: shape as number[] };
}

/** What elements are read from. */
type Values = readonly unknown[] | Float64Array;

function isArray(data: unknown): data is Values {
  return Array.isArray(data) || data instanceof Float64Array;
}

function flatten(data: Values, rank: number, field: string): Values {
  if (data instanceof Float64Array || !Array.isArray(data[0])) return data;
  // No more levels than axes: the depth of what a client nests must not be ours to follow.
  const flat = data.flat(Math.max(0, rank - 1));
  if (flat.some(Array.isArray)) throw invalid(`${field}.data`, `is nested deeper than its ${rank} axes`);
  return flat;
}

function encodeValues(datatype: Datatype, values: Values, field: string): Uint8Array {
  switch (datatype) {
    case 'BOOL':
      return Uint8Array.from(values, (value, index) => {
        if (typeof value !== 'boolean') throw notA('boolean', value, index, field);
        return value ? 1 : 0;
      });
    case 'INT64':
    case 'UINT64':
      return encodeBigIntegers(datatype, values, field);
    case 'BYTES':
      return encodeStrings(values, field);
    case 'BF16':
      return encodeBrainFloats(encodeNumbers('FP32', values, field));
    default:
      return encodeNumbers(datatype, values, field);
  }
}

/** The hot path of JSON requests: one pass, straight into the bytes that the runtime reads. */
function encodeNumbers(datatype: Datatype, values: Values, field: string): Uint8Array {
  const format = NUMBER_FORMATS[datatype];
  if (format === undefined) throw invalid(field, `${datatype} has no JSON form`);
  const { kind, min, max, isInteger } = format;
  const { array, start, data } = tensorRoom(kind, values.length);
  for (let index = 0; index < values.length; index += 1) {
    const given = values[index];
    const value = typeof given === 'bigint' ? Number(given) : given;
    if (typeof value !== 'number' || (isInteger && !(Number.isInteger(value) && value >= min && value <= max))) {
      throw notA(datatype, value, index, field);
    }
    array[start + index] = value;
  }
  return data;
}

/** Beyond 2^53 the parser gives `bigint`s. */
function encodeBigIntegers(datatype: 'INT64' | 'UINT64', values: Values, field: string): Uint8Array {
  const array = new BigInt64Array(values.length);
  const wrap = datatype === 'INT64' ? BigInt.asIntN : BigInt.asUintN;
  values.forEach((value, index) => {
    const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
    const integer = isWhole ? BigInt(value) : undefined;
    if (integer === undefined || wrap(64, integer) !== integer) throw notA(datatype, value, index, field);
    array[index] = integer;
  });
  return new Uint8Array(array.buffer);
}

/** The upper halves of 32-bit floats, rounded to the nearest even. */
function encodeBrainFloats(floats: Uint8Array): Uint8Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.byteLength / 4);
  const brain = Uint16Array.from(bits, (bit) => {
    const isNotANumber = (bit & 0x7fff_ffff) > 0x7f80_0000;
    return isNotANumber ? (bit >>> 16) | 0x40 : (bit + 0x7fff + ((bit >>> 16) & 1)) >>> 16;
  });
  return new Uint8Array(brain.buffer);
}

function encodeStrings(values: Values, field: string): Uint8Array {
  const encoded = Array.from<unknown, Buffer>(values, (value, index) => {
    if (typeof value !== 'string') throw notA('string', value, index, field);
    return Buffer.from(value, 'utf8');
  });
  const bytes = Buffer.alloc(encoded.reduce((total, text) => total + 4 + text.byteLength, 0));
  let at = 0;
  for (const text of encoded) {
    bytes.writeUInt32LE(text.byteLength, at);
    text.copy(bytes, at + 4);
    at += 4 + text.byteLength;
  }
  return bytes;
}

/**
 * The elements of a tensor as JSON text. Floats that JSON has no form for (NaN, infinities) become `null`, so that every client
 * can parse the reply.
 */
export function encodeJsonData({ datatype, data }: Tensor): string {
  switch (datatype) {
    case 'BOOL':
      return `[${Array.from(data, (byte) => byte !== 0).join(',')}]`;
    case 'BYTES':
      return JSON.stringify(decodeStrings(data));
    case 'BF16':
      return encodeFloats(decodeBrainFloats(data));
    case 'FP16':
    case 'FP32':
    case 'FP64':
      return encodeFloats(viewOf(datatype, data) as Float64Array);
    default:
      return `[${viewOf(datatype, data).join(',')}]`;
  }
}

function encodeFloats(floats: ArrayLike<number>): string {
  let text = '';
  for (let index = 0; index < floats.length; index += 1) {
    const value = floats[index] ?? 0;
    text += index === 0 ? '[' : ',';
    text += Number.isFinite(value) ? value : 'null';
  }
  return text === '' ? '[]' : `${text}]`;
}

function decodeBrainFloats(data: Uint8Array): Float32Array {
  const brain = viewOf('UINT16', data) as Uint16Array;
  return new Float32Array(Uint32Array.from(brain, (half) => half << 16).buffer);
}

type ViewConstructor = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): { join(by: string): string };
};

const VIEWS: Partial<Record<Datatype, ViewConstructor & { readonly BYTES_PER_ELEMENT: number }>> = {
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Float16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

function viewOf(datatype: Datatype, data: Uint8Array): { join(by: string): string } {
  const View = VIEWS[datatype];
  if (View === undefined) throw new DomainError('UNSUPPORTED', `${datatype} has no JSON form`);
  const bytes = data.byteOffset % View.BYTES_PER_ELEMENT === 0 ? data : Uint8Array.from(data);
  return new View(bytes.buffer, bytes.byteOffset, bytes.byteLength / View.BYTES_PER_ELEMENT);
}

function decodeStrings(data: Uint8Array): string[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const strings: string[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = bytes.readUInt32LE(at);
    strings.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return strings;
}

function notA(wanted: string, value: unknown, index: number, field: string): DomainError {
  return invalid(`${field}[${index}]`, `must be ${wanted}, not ${shown(value)}`);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('TENSOR_INVALID', `${field}: ${problem}`, { field });
}
