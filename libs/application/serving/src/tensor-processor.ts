import type { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import type { ProcessorShape } from '#domain/plugin';

/** On which side of the model something processes tensors. */
export type ProcessingStage = 'preprocess' | 'postprocess';

/** Tensors to be processed. */
export interface ProcessedCall {
  readonly tensors: readonly Tensor[];
  /** Whether the tensors have their memory to themselves, and may be given away; otherwise they are copied. */
  readonly isOwn: boolean;
  /** As clients name the deployment. */
  readonly modelName: string;
  readonly version: number;
  /** Asked before it begins: a call that nobody waits for any more is not begun, and its memory may be somebody else's by then. */
  readonly isWanted: () => boolean;
}

/** Something outside of the model that changes tensors on their way: a plugin. */
export interface TensorProcessor extends ProcessorShape {
  readonly name: string;
  /**
   * @returns tensors that have their memory to themselves, each with as many elements as its shape says.
   * @throws INPUT_INVALID when it says that the request is wrong; PLUGIN_FAILED, PLUGIN_UNAVAILABLE, QUEUE_FULL
   */
  process(call: ProcessedCall): Promise<readonly Tensor[]>;
  /** Counts that what it gave cannot be used. @returns the error to throw. */
  misbehaved(message: string): DomainError;
}

/** Finds a processor by its name; `undefined` when none of that name runs here. */
export type FindProcessor = (name: string, stage: ProcessingStage) => TensorProcessor | undefined;
