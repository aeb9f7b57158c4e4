import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { message } from '../faults/external-model.ts';
import { cacheDirectory } from '../servers/cache-directory.ts';

const FLOAT = 1;
const DOMAIN = 'slipway.example';
const EPSILON = 1e-5;
/** Elements of its input `x` and its output `y`. */
export const WIDTH = 4;
const WEIGHT = [1, 0.5, -2, 3];

/** The operator library of native/example-operators, as build-addon.ts has built it. */
export const exampleOperators = join(
  cacheDirectory('native-target'),
  `debug/libexample_operators.${process.platform === 'darwin' ? 'dylib' : 'so'}`,
);

/** The digest of a file. */
export function digestOfFile(path: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

/** Writes a model whose two nodes are operators of the example library, and that library beside it. */
export function writeOperatorModel(folder: string): void {
  mkdirSync(join(folder, 'operators'), { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), operatorModel());
  copyFileSync(exampleOperators, join(folder, 'operators/libexample_operators.so'));
}

/** What the model answers. */
export function operatorAnswer(x: readonly number[]): number[] {
  const gated = x.map((value) => (2 * value * value) / (1 + Math.exp(-value)));
  const root = Math.sqrt(gated.reduce((sum, value) => sum + value * value, 0) / x.length + EPSILON);
  return gated.map((value, index) => (value / root) * (WEIGHT[index] ?? 0));
}

/** `y = GatedRmsNorm(Add(x, x), x, w)`. */
function operatorModel(): Uint8Array {
  const shape = message([1, message([1, WIDTH])]);
  const valueInfo = (name: string) => message([1, name], [2, message([1, message([1, FLOAT], [2, shape])])]);
  const weight = message([1, WIDTH], [2, FLOAT], [8, 'w'], [9, new Uint8Array(Float32Array.from(WEIGHT).buffer)]);
  const add = message([1, 'x'], [1, 'x'], [2, 'twice'], [4, 'Add'], [7, DOMAIN]);
  const norm = message([1, 'twice'], [1, 'x'], [1, 'w'], [2, 'y'], [4, 'GatedRmsNorm'], [7, DOMAIN]);
  const graph = message([1, add], [1, norm], [2, 'example'], [5, weight], [11, valueInfo('x')], [12, valueInfo('y')]);
  const opsets = [message([1, ''], [2, 17]), message([1, DOMAIN], [2, 1])];
  return message([1, 8], ...opsets.map((opset) => [8, opset] as const), [7, graph]);
}
