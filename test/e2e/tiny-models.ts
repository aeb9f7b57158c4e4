import { message } from '../faults/external-model.ts';
import type { StoredFile } from '../faults/stored-model.ts';

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;
const INT_ATTRIBUTE = 2;
/** Elements of the input `x` and, by the signature, of the output `y`. */
export const SIZE = 4;

/** One operation of a graph. */
interface Operation {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

/**
 * Models with the signature `x: FP32[4]` to `y: FP32[4]`.
 *
 * - `same`: y = x.
 * - `twice`: y = 2 x.
 * - `zero`: y = 0.
 * - `log`: y = ln x: NaN for what is negative.
 * - `short`: y = x without its zeros, whatever the signature says.
 * - `brittle`: y = x where x holds whole numbers from 0 to 3 in their order; fails for 4 and more.
 */
const GRAPHS = {
  same: [{ op: 'Identity', inputs: ['x'], output: 'y' }],
  twice: [{ op: 'Add', inputs: ['x', 'x'], output: 'y' }],
  zero: [{ op: 'Sub', inputs: ['x', 'x'], output: 'y' }],
  log: [{ op: 'Log', inputs: ['x'], output: 'y' }],
  short: [
    { op: 'Cast', inputs: ['x'], output: 'kept', attributes: { to: BOOL } },
    { op: 'Compress', inputs: ['x', 'kept'], output: 'y', attributes: { axis: 0 } },
  ],
  brittle: [
    { op: 'Cast', inputs: ['x'], output: 'places', attributes: { to: INT64 } },
    { op: 'Gather', inputs: ['x', 'places'], output: 'y' },
  ],
} as const satisfies Record<string, readonly Operation[]>;

/**
 * A model's file.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the fields
 */
export function tinyModel(name: keyof typeof GRAPHS): StoredFile {
  const shape = message([1, message([1, SIZE])]);
  const valueInfo = (tensor: string) => message([1, tensor], [2, message([1, message([1, FLOAT], [2, shape])])]);
  const nodes: readonly Operation[] = GRAPHS[name];
  const fields = nodes.map((node) => [1, operation(node)] as const);
  const graph = message(...fields, [2, name], [11, valueInfo('x')], [12, valueInfo('y')]);
  return { path: 'model.onnx', bytes: message([1, 8], [8, message([1, ''], [2, 17])], [7, graph]) };
}

function operation({ op, inputs, output, attributes = {} }: Operation): Uint8Array {
  const given = Object.entries(attributes).map(
    ([name, value]) => [5, message([1, name], [3, value], [20, INT_ATTRIBUTE])] as const,
  );
  return message(...inputs.map((input) => [1, input] as const), [2, output], [3, output], [4, op], ...given);
}
