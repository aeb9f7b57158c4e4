import type { ClientView, TensorSpec } from '#domain/inference';

/** What a processor takes and gives that the model itself does not. */
export interface ProcessorShape {
  readonly inputs: readonly TensorSpec[] | undefined;
  readonly outputs: readonly TensorSpec[] | undefined;
}

/**
 * What clients see of a version whose requests go through preprocessors and whose answers go through postprocessors: what the first
 * preprocessor that says so takes, and what the last postprocessor that says so gives.
 */
export function processedView(
  view: ClientView,
  preprocessors: readonly ProcessorShape[],
  postprocessors: readonly ProcessorShape[],
): ClientView {
  const inputs = preprocessors.find((processor) => processor.inputs !== undefined)?.inputs;
  const outputs = postprocessors.findLast((processor) => processor.outputs !== undefined)?.outputs;
  return {
    signature: { inputs: inputs ?? view.signature.inputs, outputs: outputs ?? view.signature.outputs },
    defaultOutputNames: outputs?.map(({ name }) => name) ?? view.defaultOutputNames,
  };
}
