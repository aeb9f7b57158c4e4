export { type BatchPlace, batchPlacer, splitRows } from './batch.ts';
export { type ClientView, clientViewOf } from './client-view.ts';
export { constantTensor } from './constant-tensor.ts';
export { DATATYPE_SIZE_BYTES, type Datatype, isDatatype } from './datatype.ts';
export { ownedTensor } from './owned-tensor.ts';
export { type Sample, sampleInputs } from './sample-inputs.ts';
export { planSequence, rowsOf, type SequencePlan } from './sequence-plan.ts';
export {
  type BatchingOptions,
  type CacheOptions,
  DEFAULT_SERVING_OPTIONS,
  type PayloadLogOptions,
  type ProcessingOptions,
  type SequenceOptions,
  type ServingOptions,
} from './serving-options.ts';
export type { ModelSignature, Tensor, TensorSpec } from './tensor.ts';
export { hasNonFinite, labelsOf, numbersOf } from './tensor-values.ts';
export {
  elementCount,
  shownShape,
  validateByteLength,
  validateInputs,
  validateOutputNames,
  validateOutputs,
} from './validate-request.ts';
