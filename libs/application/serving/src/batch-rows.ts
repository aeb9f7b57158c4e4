import { DATATYPE_SIZE_BYTES, type Tensor } from '#domain/inference';

/** Rows of a request: the size of the first axis that its inputs share. */
export function rowsOf([first]: readonly Tensor[]): number {
  return first?.shape[0] ?? 0;
}

/**
 * Inputs with another number of rows, made of the same rows again and again.
 *
 * @param inputs with the same number of rows each, at least one.
 */
export function withRows(inputs: readonly Tensor[], rows: number): readonly Tensor[] {
  return inputs.map((tensor) => {
    const ends = rowEnds(tensor);
    const parts = Array.from({ length: rows }, (_, row) => {
      const source = row % ends.length;
      return tensor.data.subarray(ends[source - 1] ?? 0, ends[source]);
    });
    return { ...tensor, shape: [rows, ...tensor.shape.slice(1)], data: joined(parts) };
  });
}

/** Where each row of a tensor ends, in bytes. */
function rowEnds({ datatype, shape, data }: Tensor): number[] {
  const [rows = 0, ...rest] = shape;
  const elements = rest.reduce((product, size) => product * size, 1);
  const elementBytes = DATATYPE_SIZE_BYTES[datatype];
  if (elementBytes !== undefined) return Array.from({ length: rows }, (_, row) => (row + 1) * elements * elementBytes);
  // BYTES elements say their own length.
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  return Array.from({ length: rows }, () => {
    for (let element = 0; element < elements; element += 1) at += 4 + view.getUint32(at, true);
    return at;
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
