import { DATATYPE_SIZE_BYTES } from './datatype.ts';
import type { ModelSignature, Tensor } from './tensor.ts';
import { elementCount } from './validate-request.ts';

/** Bytes of a BYTES element "0". */
const TEXT_ELEMENT = [1, 0, 0, 0, 0x30];

/** What {@link sampleInputs} makes. */
export interface Sample {
  /** Size of a first axis that is free. */
  readonly rows: number;
  /** Size of every other free axis. */
  readonly freeAxis: number;
  /** Whether elements are 0, else 1. */
  readonly isZero: boolean;
}

/**
 * Inputs for a signature, made up: to make a runtime allocate and compile, and to see how it behaves. Integers are 0 or 1, so that they
 * are valid where they are indices; floats are 0 or 1; text is "0".
 */
export function sampleInputs({ inputs }: ModelSignature, { rows, freeAxis, isZero }: Sample): Tensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const sizes = shape.map((size, axis) => (size !== -1 ? size : axis === 0 ? rows : freeAxis));
    const count = elementCount(sizes, name);
    const elementBytes = DATATYPE_SIZE_BYTES[datatype];
    if (elementBytes === undefined) {
      return { name, datatype, shape: sizes, data: Uint8Array.from(Array(count).fill(TEXT_ELEMENT).flat()) };
    }
    const data = new Uint8Array(count * elementBytes);
    if (!isZero) fillWithOnes(data, elementBytes, datatype);
    return { name, datatype, shape: sizes, data };
  });
}

/** 1 as little-endian bytes. */
function fillWithOnes(data: Uint8Array, elementBytes: number, datatype: string): void {
  const one = new Uint8Array(elementBytes);
  if (datatype === 'FP64') one.set([0xf0, 0x3f], 6);
  else if (datatype === 'FP32') one.set([0x80, 0x3f], 2);
  else if (datatype === 'FP16') one.set([0x00, 0x3c]);
  else if (datatype === 'BF16') one.set([0x80, 0x3f]);
  else one[0] = 1;
  for (let at = 0; at < data.byteLength; at += elementBytes) data.set(one, at);
}
