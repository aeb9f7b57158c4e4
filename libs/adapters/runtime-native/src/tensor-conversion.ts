import { DomainError } from '#domain/errors';
import type { Datatype, Tensor } from '#domain/inference';
import type { NativeInput, NativeOutput } from './addon.ts';

/** @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, `TensorProto.DataType` */
const ELEMENT_TYPE: Readonly<Record<Datatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
};

const DATATYPE_OF = Object.entries(ELEMENT_TYPE).reduce<(Datatype | undefined)[]>((datatypes, [datatype, number]) => {
  datatypes[number] = datatype as Datatype;
  return datatypes;
}, []);

/** A tensor for the addon: the same bytes. */
export function toNative({ name, datatype, shape, data }: Tensor): NativeInput {
  return { name, elementType: ELEMENT_TYPE[datatype], shape, data };
}

/** What an element type of ONNX is called here; `undefined` for one that cannot be carried. */
export function datatypeOf(elementType: number): Datatype | undefined {
  return DATATYPE_OF[elementType];
}

/** An output of the addon as a tensor: the same memory, which stays valid as long as it is referenced. @throws UNSUPPORTED */
function fromNative(name: string, { elementType, shape, data }: NativeOutput): Tensor {
  const datatype = datatypeOf(elementType);
  if (datatype === undefined)
    throw new DomainError('UNSUPPORTED', `output ${name} has ONNX element type ${elementType}`);
  return { name, datatype, shape, data };
}

/**
 * The outputs of the addon, by the names that were asked for.
 *
 * @param places the outputs that are `null` otherwise.
 * @throws UNSUPPORTED
 */
export function named(
  names: readonly string[],
  outputs: readonly (NativeOutput | null)[],
  places: readonly (Tensor | undefined)[] = [],
): Tensor[] {
  return outputs.map((output, index) => {
    const name = names[index] ?? '';
    const tensor = output === null ? places[index] : fromNative(name, output);
    if (tensor === undefined) throw new DomainError('MODEL_RUN_FAILED', `the model gave no output ${name}`);
    return tensor;
  });
}
