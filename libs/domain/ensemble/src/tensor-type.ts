import { DomainError } from '#domain/errors';
import type { Datatype, TensorSpec } from '#domain/inference';

/** Datatype and shape of a value: -1 for an axis that is known only when a request comes. */
export type TensorType = Pick<TensorSpec, 'datatype' | 'shape'>;

const FLOATS: readonly Datatype[] = ['FP16', 'BF16', 'FP32', 'FP64'];

export function isFloat(datatype: Datatype): boolean {
  return FLOATS.includes(datatype);
}

export function isInteger(datatype: Datatype): boolean {
  return datatype.startsWith('INT') || datatype.startsWith('UINT');
}

/** As people write it: `FP32 [-1,10]`. */
export function describeType({ datatype, shape }: TensorType): string {
  return `${datatype} [${shape.join(',')}]`;
}

/** Whether two sizes of an axis can be the same. */
export function agree(left: number, right: number): boolean {
  return left === -1 || right === -1 || left === right;
}

/** Whether a value can be what is wanted: datatype, rank, and the axes that both know. */
export function fits(value: TensorType, wanted: TensorType): boolean {
  return (
    value.datatype === wanted.datatype &&
    value.shape.length === wanted.shape.length &&
    value.shape.every((size, axis) => agree(size, wanted.shape[axis] ?? -1))
  );
}

/** What is known of something that is both, given that they fit. */
export function joinTypes({ datatype, shape }: TensorType, other: TensorType): TensorType {
  return { datatype, shape: shape.map((size, axis) => (size === -1 ? (other.shape[axis] ?? -1) : size)) };
}

/** What is known of something that is the one or the other; `undefined` when their datatypes or ranks differ. */
export function eitherType(left: TensorType, right: TensorType): TensorType | undefined {
  if (left.datatype !== right.datatype || left.shape.length !== right.shape.length) return undefined;
  return { ...left, shape: left.shape.map((size, axis) => (size === right.shape[axis] ? size : -1)) };
}

/**
 * The place of an axis that may be counted from the last one (-1).
 *
 * @throws ENSEMBLE_INVALID when the type has no such axis.
 */
export function placeOfAxis(axis: number, { shape }: TensorType, field: string): number {
  const place = axis < 0 ? shape.length + axis : axis;
  if (place >= 0 && place < shape.length) return place;
  throw misfit(field, `there is no axis ${axis} in [${shape.join(',')}]`);
}

/** @throws ENSEMBLE_INVALID when the datatype is none of those that a step takes. */
export function requireDatatype(
  { datatype }: TensorType,
  isTaken: (datatype: Datatype) => boolean,
  taken: string,
  field: string,
): void {
  if (!isTaken(datatype)) throw misfit(field, `must be ${taken}, not ${datatype}: cast it before`);
}

/** Something that does not fit; the field is relative to the step. */
export function misfit(field: string, message: string): DomainError {
  return new DomainError('ENSEMBLE_INVALID', message, { field });
}
