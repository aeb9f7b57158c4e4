import { DomainError } from '#domain/errors';
import { hasNonFinite, type Tensor, validateInputs, validateOutputNames, validateOutputs } from '#domain/inference';
import type { InferenceRun } from './inference-call.ts';
import type { RoutedSlot } from './routed-slot.ts';

/** What a version is asked. */
interface CheckedRequest {
  readonly inputs: readonly Tensor[];
  /** None means what the version gives without being asked. */
  readonly outputNames: readonly string[];
}

/** An answer that no client gets, because stable can give a better one. */
export class NonFiniteAnswer extends DomainError {
  constructor() {
    super('MODEL_RUN_FAILED', 'the answer holds NaN or an infinity');
  }
}

/** Names of the outputs to compute. @throws TENSOR_INVALID when the request does not fit the version */
export function validated({ view }: RoutedSlot, { inputs, outputNames }: CheckedRequest): readonly string[] {
  validateInputs(view.signature, inputs);
  return validateOutputNames(view.signature, outputNames.length === 0 ? view.defaultOutputNames : outputNames);
}

/** Whether a request fits the version. */
export function accepts(slot: RoutedSlot, request: CheckedRequest): boolean {
  try {
    validated(slot, request);
    return true;
  } catch {
    return false;
  }
}

/** What clients have sent all the time is no mistake of theirs. */
export function refusal(error: unknown): DomainError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DomainError('MODEL_RUN_FAILED', `the version refuses what stable takes: ${reason}`, {}, { cause: error });
}

/** @throws MODEL_RUN_FAILED for a candidate's answer that no client should get */
export function checkAnswer(
  { view }: RoutedSlot,
  outputNames: readonly string[],
  { outputs }: InferenceRun,
  isNonFiniteRefused: boolean,
): void {
  validateOutputs(view.signature, outputNames, outputs);
  if (isNonFiniteRefused && outputs.some(hasNonFinite)) throw new NonFiniteAnswer();
}
