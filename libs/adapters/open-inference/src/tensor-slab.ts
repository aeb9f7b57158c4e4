/** An array of numbers over the slab's memory, or over memory of its own. */
type NumberArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float16Array
  | Float32Array
  | Float64Array;

/** Kinds of arrays that tensors are written through. */
export type NumberArrayKind = keyof ReturnType<typeof viewsOf>;

/** Room for the elements of a tensor. */
export interface TensorRoom {
  /** Element i goes to `array[start + i]`. */
  readonly array: NumberArray;
  readonly start: number;
  /** The room as bytes. */
  readonly data: Uint8Array;
}

const SLAB_BYTES = 2 ** 16;
/** What is larger gets memory of its own, so that a small tensor does not keep much more alive than itself. */
const LARGEST_SHARE_BYTES = 2 ** 12;
const ALIGNMENT = 8;

const CONSTRUCTORS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

let slab = viewsOf(new ArrayBuffer(SLAB_BYTES));
let used = 0;

function viewsOf(buffer: ArrayBuffer) {
  return {
    uint8: new Uint8Array(buffer),
    uint16: new Uint16Array(buffer),
    uint32: new Uint32Array(buffer),
    int8: new Int8Array(buffer),
    int16: new Int16Array(buffer),
    int32: new Int32Array(buffer),
    float16: new Float16Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}

/**
 * Room for a tensor that is written element by element. Small ones share a slab: an `ArrayBuffer` for each of them costs the garbage
 * collector more than all the rest of decoding a request (a third of the processor's time, measured with 16 elements).
 */
export function tensorRoom(kind: NumberArrayKind, elements: number): TensorRoom {
  const Constructor = CONSTRUCTORS[kind];
  const byteLength = elements * Constructor.BYTES_PER_ELEMENT;
  if (byteLength > LARGEST_SHARE_BYTES) {
    const array = new Constructor(elements);
    return { array, start: 0, data: new Uint8Array(array.buffer) };
  }
  if (used + byteLength > SLAB_BYTES) {
    // The old slab lives as long as tensors in it do.
    slab = viewsOf(new ArrayBuffer(SLAB_BYTES));
    used = 0;
  }
  const at = used;
  used = Math.ceil((at + byteLength) / ALIGNMENT) * ALIGNMENT;
  return {
    array: slab[kind],
    start: at / Constructor.BYTES_PER_ELEMENT,
    data: new Uint8Array(slab.uint8.buffer, at, byteLength),
  };
}
