import { DATATYPE_SIZE_BYTES, type Datatype, type Tensor } from '#domain/inference';

/** Elements as numbers, row-major. */
export interface Numbers {
  readonly length: number;
  [index: number]: number;
}

type Content = Pick<Tensor, 'datatype' | 'data'>;

/** Smallest and largest number of an integer datatype; the 64-bit ones as far as numbers are exact enough to compare. */
const INTEGER_RANGE: Partial<Record<Datatype, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
};
const INTEGER64_RANGE = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
} as const;

/**
 * The elements of a tensor as numbers; 64-bit integers beyond 2^53 lose digits.
 *
 * @returns a view over the tensor's bytes where their form and alignment allow it: read only.
 * @throws Error for BYTES, which have no numbers.
 */
export function numbersOf({ datatype, data }: Content): Numbers {
  const { buffer, byteOffset, length } = aligned(data, datatype);
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return data;
    case 'INT8':
      return new Int8Array(buffer, byteOffset, length);
    case 'UINT16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'INT16':
      return new Int16Array(buffer, byteOffset, length);
    case 'UINT32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'INT32':
      return new Int32Array(buffer, byteOffset, length);
    case 'FP16':
      return new Float16Array(buffer, byteOffset, length);
    case 'BF16':
      return fromBrainFloats(new Uint16Array(buffer, byteOffset, length));
    case 'FP32':
      return new Float32Array(buffer, byteOffset, length);
    case 'FP64':
      return new Float64Array(buffer, byteOffset, length);
    case 'INT64':
    case 'UINT64':
      return Float64Array.from(integers64Of({ datatype, data }), Number);
    case 'BYTES':
      throw new Error('BYTES have no numbers');
  }
}

/** The elements of a 64-bit integer tensor, exactly. */
export function integers64Of({ datatype, data }: Content): BigInt64Array | BigUint64Array {
  const { buffer, byteOffset, length } = aligned(data, datatype);
  return datatype === 'INT64'
    ? new BigInt64Array(buffer, byteOffset, length)
    : new BigUint64Array(buffer, byteOffset, length);
}

/**
 * The bytes of numbers in a datatype. What it cannot hold becomes the nearest number that it can: fractions are cut off, sizes stop
 * at its range, NaN becomes 0; as BOOL everything but 0 is 1.
 *
 * @throws Error for BYTES
 */
export function bytesOfNumbers(datatype: Datatype, values: Numbers): Uint8Array {
  switch (datatype) {
    case 'BOOL':
      return Uint8Array.from({ length: values.length }, (_, index) => (values[index] === 0 ? 0 : 1));
    case 'FP16':
      return bytesOf(Float16Array.from(values));
    case 'BF16':
      return bytesOf(toBrainFloats(Float32Array.from(values)));
    case 'FP32':
      return bytesOf(Float32Array.from(values));
    case 'FP64':
      return bytesOf(Float64Array.from(values));
    case 'INT64':
    case 'UINT64':
      return bytesOfIntegers64(
        datatype,
        Array.from(values, (value) => BigInt(whole(value, -(2 ** 63), 2 ** 64))),
      );
    case 'BYTES':
      throw new Error('BYTES have no numbers');
    default:
      return bytesOfIntegers(datatype, values);
  }
}

/** The bytes of 64-bit integers, those out of range at its end. */
export function bytesOfIntegers64(datatype: 'INT64' | 'UINT64', values: Iterable<bigint>): Uint8Array {
  const [min, max] = INTEGER64_RANGE[datatype];
  const clamped = Array.from(values, (value) => (value < min ? min : value > max ? max : value));
  return bytesOf(datatype === 'INT64' ? BigInt64Array.from(clamped) : BigUint64Array.from(clamped));
}

function bytesOfIntegers(datatype: Datatype, values: Numbers): Uint8Array {
  const [min, max] = INTEGER_RANGE[datatype] ?? [0, 0];
  const clamped = Array.from(values, (value) => whole(value, min, max));
  switch (DATATYPE_SIZE_BYTES[datatype]) {
    case 1:
      return Uint8Array.from(clamped);
    case 2:
      return bytesOf(Uint16Array.from(clamped));
    default:
      return bytesOf(Uint32Array.from(clamped));
  }
}

function whole(value: number, min: number, max: number): number {
  return Number.isNaN(value) ? 0 : Math.min(max, Math.max(min, Math.trunc(value)));
}

/** A typed array must begin at a multiple of its elements' size: bytes that do not are copied. */
function aligned(
  data: Uint8Array,
  datatype: Datatype,
): { buffer: ArrayBufferLike; byteOffset: number; length: number } {
  const size = DATATYPE_SIZE_BYTES[datatype] ?? 1;
  const { buffer, byteOffset, byteLength } = data.byteOffset % size === 0 ? data : new Uint8Array(data);
  return { buffer, byteOffset, length: byteLength / size };
}

/** A BF16 is the upper half of an FP32. */
function fromBrainFloats(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half * 0x1_0000).buffer);
}

/** Rounds to the nearest, ties to even. */
function toBrainFloats(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(words, (word, index) => {
    if (Number.isNaN(floats[index])) return 0x7fc0;
    return Math.floor((word + 0x7fff + ((word >>> 16) & 1)) / 0x1_0000);
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
