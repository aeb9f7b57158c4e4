import { isDatatype, type TensorSpec } from '#domain/inference';
import type * as wire from '#generated/slipway/control/v1/control';

/** @throws Error for a datatype that no controller writes. */
export function toTensorSpec({ name, datatype, shape }: wire.TensorSpec): TensorSpec {
  if (!isDatatype(datatype)) throw new Error(`unknown datatype ${datatype}`);
  return { name, datatype, shape: shape.map(Number) };
}
