export { type BatchPlace, batchPlacer, splitRows } from './batch.ts';
export { DATATYPE_SIZE_BYTES, type Datatype, isDatatype } from './datatype.ts';
export { type Sample, sampleInputs } from './sample-inputs.ts';
export {
  type BatchingOptions,
  type CacheOptions,
  DEFAULT_SERVING_OPTIONS,
  type PayloadLogOptions,
  type SequenceOptions,
  type ServingOptions,
} from './serving-options.ts';
export type { ModelSignature, Tensor, TensorSpec } from './tensor.ts';
export {
  elementCount,
  shownShape,
  validateByteLength,
  validateInputs,
  validateOutputNames,
} from './validate-request.ts';
