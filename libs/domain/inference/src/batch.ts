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
 * different lengths are different runs.
 *
 * @returns takes inputs in the order of the signature.
 */
export function batchPlacer({ inputs: specs }: ModelSignature): (inputs: readonly Tensor[]) => BatchPlace {
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
  if (outputs.some(({ shape }) => shape[0] !== total)) return undefined;
  const ends = outputs.map((output) => byteEnds(output, rows, total));
  return rows.map((count, request) =>
    outputs.map(({ name, datatype, shape, data }, index) => {
      const from = request === 0 ? 0 : ends[index]?.[request - 1];
      return {
        name,
        datatype,
        shape: [count, ...shape.slice(1)],
        data: data.subarray(from, ends[index]?.[request]),
      };
    }),
  );
}

/** Where each request's bytes end. */
function byteEnds({ datatype, shape, data }: Tensor, rows: readonly number[], total: number): number[] {
  const elementsPerRow = shape.slice(1).reduce((product, size) => product * size, 1);
  let at = 0;
  if (DATATYPE_SIZE_BYTES[datatype] !== undefined) {
    const rowBytes = data.byteLength / total;
    return rows.map((count) => {
      at += count * rowBytes;
      return at;
    });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return rows.map((count) => {
    for (let left = count * elementsPerRow; left > 0; left -= 1) at += 4 + view.getUint32(at, true);
    return at;
  });
}
