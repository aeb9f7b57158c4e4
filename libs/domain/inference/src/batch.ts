import { DATATYPE_SIZE_BYTES } from './datatype.ts';
import type { ModelSignature, Tensor } from './tensor.ts';

/** How a request can share a run with others. */
export interface BatchPlace {
  /** Requests with equal keys can be joined: all their axes but the first are equal. `undefined`: this one stays alone. */
  readonly key: string | undefined;
  /** Rows that it adds: the size of its first axes. */
  readonly rows: number;
}

const ALONE: BatchPlace = { key: undefined, rows: 1 };

/**
 * Makes the function that tells how requests to a model can be joined along the first axis. Nothing is ever padded: requests with
 * different lengths are different runs. Where a first axis has a fixed size it counts no rows, and requests stay alone.
 *
 * @returns takes inputs in the order of the signature.
 */
export function batchPlacer({ inputs: specs }: ModelSignature): (inputs: readonly Tensor[]) => BatchPlace {
  if (specs.some(({ shape }) => shape[0] !== -1)) return () => ALONE;
  const free = specs.flatMap(({ shape }, index) =>
    shape.flatMap((size, axis) => (size === -1 && axis > 0 ? [{ index, axis }] : [])),
  );
  return (inputs) => {
    const rows = inputs[0]?.shape[0];
    if (rows === undefined || rows < 1) return ALONE;
    for (const { shape } of inputs) if (shape[0] !== rows) return ALONE;
    let key = '';
    for (const { index, axis } of free) key += `${inputs[index]?.shape[axis]},`;
    return { key, rows };
  };
}

/**
 * Cuts the outputs of a joined run into those of its requests: views, in the order in which the requests were joined.
 *
 * @param rows of each request.
 * @returns `undefined` when the outputs do not have a row for each row that went in.
 */
export function splitRows(outputs: readonly Tensor[], rows: readonly number[]): Tensor[][] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0);
  for (const { shape } of outputs) if (shape[0] !== total) return undefined;
  const parts: Tensor[][] = rows.map(() => []);
  for (const output of outputs) splitOutput(output, rows, total, parts);
  return parts;
}

function splitOutput(output: Tensor, rows: readonly number[], total: number, parts: readonly Tensor[][]): void {
  const { name, datatype, data } = output;
  const rest = output.shape.slice(1);
  const rowBytes = DATATYPE_SIZE_BYTES[datatype] === undefined ? undefined : data.byteLength / total;
  let from = 0;
  let shape: readonly number[] = [];
  rows.forEach((count, request) => {
    const end = rowBytes === undefined ? endOfElements(data, from, count, rest) : from + count * rowBytes;
    // Most requests have one row; equal shapes need no copies.
    if (shape[0] !== count) shape = [count, ...rest];
    parts[request]?.push({ name, datatype, shape, data: data.subarray(from, end) });
    from = end;
  });
}

/** Where so many rows of BYTES elements end. */
function endOfElements(data: Uint8Array, from: number, rows: number, rest: readonly number[]): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = from;
  for (let left = rest.reduce((product, size) => product * size, rows); left > 0; left -= 1) {
    at += 4 + view.getUint32(at, true);
  }
  return at;
}
