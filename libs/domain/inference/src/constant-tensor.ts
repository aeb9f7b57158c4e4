import { DATATYPE_SIZE_BYTES, type Datatype } from './datatype.ts';
import type { Tensor, TensorSpec } from './tensor.ts';
import { elementCount } from './validate-request.ts';

/** Bytes of an empty BYTES element: its length, 0. */
const EMPTY_ELEMENT_BYTES = 4;

/** 1.0, little-endian; the integers and BOOL are a 1 followed by zeros. */
const FLOAT_ONE: Partial<Record<Datatype, readonly number[]>> = {
  FP16: [0x00, 0x3c],
  BF16: [0x80, 0x3f],
  FP32: [0x00, 0x00, 0x80, 0x3f],
  FP64: [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f],
};

/**
 * A tensor of zeros or of ones as a model declares it; zeros of BYTES are empty strings.
 *
 * @param rows size of the first axis where the model leaves it free; other free axes get size 1.
 * @throws Error for ones of BYTES, which there are none of.
 */
export function constantTensor({ name, datatype, shape }: TensorSpec, rows: number, value: 0 | 1): Tensor {
  const sizes = shape.map((size, axis) => (size !== -1 ? size : axis === 0 ? rows : 1));
  const count = elementCount(sizes, name);
  const elementBytes = DATATYPE_SIZE_BYTES[datatype];
  const data = new Uint8Array(count * (elementBytes ?? EMPTY_ELEMENT_BYTES));
  if (value === 1) {
    if (elementBytes === undefined) throw new Error(`${name}: ${datatype} has no ones`);
    const one = FLOAT_ONE[datatype] ?? [1];
    for (let at = 0; at < data.byteLength; at += elementBytes) data.set(one, at);
  }
  return { name, datatype, shape: sizes, data };
}
