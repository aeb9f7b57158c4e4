import { DATATYPE_SIZE_BYTES, elementCount, type ModelSignature, type Tensor } from '#domain/inference';

/** Bytes of an empty BYTES element: its length, 0. */
const EMPTY_ELEMENT_BYTES = 4;

/** Inputs of zeros (or empty strings) for a signature, free axes of size 1: enough to make a runtime allocate and compile. */
export function zeroInputs(signature: ModelSignature): Tensor[] {
  return signature.inputs.map(({ name, datatype, shape }) => {
    const concrete = shape.map((size) => (size === -1 ? 1 : size));
    const elementBytes = DATATYPE_SIZE_BYTES[datatype] ?? EMPTY_ELEMENT_BYTES;
    return { name, datatype, shape: concrete, data: new Uint8Array(elementCount(concrete, name) * elementBytes) };
  });
}
