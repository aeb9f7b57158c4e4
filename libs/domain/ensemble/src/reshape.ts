import type { ReshapeStep } from './ensemble-spec.ts';
import { describeType, misfit, type TensorType } from './tensor-type.ts';

/**
 * The same elements under another shape, as ONNX's Reshape has it.
 *
 * @throws ENSEMBLE_INVALID when the elements cannot have that shape.
 */
export function typeOfReshape({ shape }: ReshapeStep, input: TensorType): TensorType {
  const kept = shape.map((size, axis) => {
    if (size !== 0) return size;
    const same = input.shape[axis];
    if (same === undefined) throw misfit('reshape.shape', `${describeType(input)} has no axis ${axis} to keep`);
    return same;
  });
  if (input.shape.includes(-1)) return reshapedWhileOpen(shape, kept, input);
  const known = kept.filter((size) => size !== -1).reduce(product, 1);
  const count = input.shape.reduce(product, 1);
  const open = kept.indexOf(-1);
  const rest = known === 0 ? 0 : count / known;
  if (open === -1 ? known !== count : !Number.isInteger(rest)) throw cannotBecome(input, shape);
  return { datatype: input.datatype, shape: kept.map((size) => (size === -1 ? rest : size)) };
}

/** While axes are open, the others must match as far as it can be told: those that are kept cancel out. */
function reshapedWhileOpen(shape: readonly number[], kept: readonly number[], input: TensorType): TensorType {
  const isKept = (axis: number) => shape[axis] === 0;
  const from = input.shape.filter((_, axis) => !isKept(axis));
  const to = kept.filter((_, axis) => !isKept(axis));
  const isTold = !from.includes(-1) && !to.includes(-1);
  if (isTold && from.reduce(product, 1) !== to.reduce(product, 1)) throw cannotBecome(input, shape);
  if (from.includes(-1) || !to.includes(-1)) return { datatype: input.datatype, shape: kept };
  const rest = from.reduce(product, 1) / to.filter((size) => size !== -1).reduce(product, 1);
  if (!Number.isInteger(rest)) throw cannotBecome(input, shape);
  return { datatype: input.datatype, shape: kept.map((size, axis) => (shape[axis] === -1 ? rest : size)) };
}

function cannotBecome(input: TensorType, shape: readonly number[]) {
  return misfit('reshape.shape', `${describeType(input)} cannot become [${shape.join(',')}]`);
}

function product(left: number, right: number): number {
  return left * right;
}
