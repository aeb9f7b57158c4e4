import type { SentTensor } from './worker-message.ts';

/** What a plugin sees of the elements of a tensor: a typed array, or for BYTES an array of byte strings. */
export type PluginData = ArrayBufferView | readonly Uint8Array[];

type ArrayType = {
  new (buffer: ArrayBuffer): ArrayBufferView;
  from(values: readonly never[]): ArrayBufferView;
};

/** BF16 has no array of its own: its 16 bits are given as they are. */
const ARRAY_TYPES: Readonly<Record<string, ArrayType>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Float16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as unknown as Readonly<Record<string, ArrayType>>;
const LENGTH_BYTES = 4;

/** A tensor as plugins get it; typed arrays are views, without a copy. */
export function toPluginTensor({ name, datatype, shape, data }: SentTensor) {
  const ArrayOf = ARRAY_TYPES[datatype];
  return { name, datatype, shape, data: ArrayOf === undefined ? byteStrings(data) : new ArrayOf(data) };
}

/**
 * Tensors as they are sent back, with buffers that can be given away. A typed array that has its buffer to itself is not copied.
 *
 * @throws Error naming what is no tensor.
 */
export function fromPluginTensors(value: unknown): readonly SentTensor[] {
  if (!Array.isArray(value)) throw new Error(`execute must answer an array of tensors, not ${kindOf(value)}`);
  const taken = new Set<ArrayBufferLike>();
  return value.map((tensor: unknown, index) => {
    if (typeof tensor !== 'object' || tensor === null) throw new Error(`tensors[${index}] is ${kindOf(tensor)}`);
    const { name, datatype, shape, data } = tensor as Record<string, unknown>;
    if (typeof name !== 'string') throw new Error(`tensors[${index}].name must be a text, not ${kindOf(name)}`);
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
      throw new Error(`tensors[${index}].shape must be an array of whole numbers from 0 on`);
    const bytes = bytesOf(String(datatype), data, `tensors[${index}]`);
    const isOwn =
      bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer && !taken.has(bytes.buffer);
    const buffer = isOwn ? (bytes.buffer as ArrayBuffer) : bytes.slice().buffer;
    taken.add(buffer);
    return { name, datatype: String(datatype), shape: shape as number[], data: buffer };
  });
}

function bytesOf(datatype: string, data: unknown, path: string): Uint8Array<ArrayBufferLike> {
  if (datatype === 'BYTES') return joinedStrings(data, path);
  const ArrayOf = ARRAY_TYPES[datatype];
  if (ArrayOf === undefined) throw new Error(`${path}.datatype ${datatype} is none of Open Inference`);
  if (data instanceof ArrayOf && ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!Array.isArray(data)) throw new Error(`${path}.data must be a ${ArrayOf.name} or an array, not ${kindOf(data)}`);
  const isWide = datatype === 'INT64' || datatype === 'UINT64';
  const array = ArrayOf.from((isWide ? data.map(BigInt) : data) as unknown as readonly never[]);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Elements of BYTES: a little-endian uint32 length, then that many bytes. */
function byteStrings(data: ArrayBuffer): readonly Uint8Array[] {
  const view = new DataView(data);
  const strings: Uint8Array[] = [];
  for (let at = 0; at + LENGTH_BYTES <= data.byteLength; ) {
    const length = view.getUint32(at, true);
    strings.push(new Uint8Array(data, at + LENGTH_BYTES, length));
    at += LENGTH_BYTES + length;
  }
  return strings;
}

function joinedStrings(data: unknown, path: string): Uint8Array {
  if (!Array.isArray(data)) throw new Error(`${path}.data must be an array of texts or byte strings`);
  const encoder = new TextEncoder();
  const strings = data.map((element: unknown) => {
    if (typeof element === 'string') return encoder.encode(element);
    if (element instanceof Uint8Array) return element;
    throw new Error(`${path}.data must hold texts or byte strings, not ${kindOf(element)}`);
  });
  const joined = new Uint8Array(strings.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const string of strings) {
    view.setUint32(at, string.length, true);
    joined.set(string, at + LENGTH_BYTES);
    at += LENGTH_BYTES + string.length;
  }
  return joined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  const name = (value as { constructor?: { name?: unknown } } | undefined)?.constructor?.name;
  return typeof name === 'string' ? name : typeof value;
}
