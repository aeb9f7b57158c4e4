export { DATATYPE_SIZE_BYTES, type Datatype, isDatatype } from './datatype.ts';
export type { ModelSignature, Tensor, TensorSpec } from './tensor.ts';
export { elementCount, validateByteLength, validateInputs, validateOutputNames } from './validate-request.ts';
