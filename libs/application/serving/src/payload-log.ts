import type { ErrorCode } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import type { RouteRole } from '#domain/routing';

/** An inference whose request and answer are kept. */
export interface LoggedInference {
  readonly namespace: string;
  readonly deployment: string;
  /** As clients name it. */
  readonly modelName: string;
  /** The version that answered, or failed last; `undefined` when none was asked. */
  readonly version: number | undefined;
  readonly role: RouteRole | undefined;
  readonly isFallback: boolean;
  /** The client's own name for the request. */
  readonly requestId: string | undefined;
  readonly traceId: string | undefined;
  /** Milliseconds since 1970 at which the request came. */
  readonly atMs: number;
  /** From the first byte of the request that was there to the last of the answer. */
  readonly tookMs: number;
  readonly inputs: readonly Tensor[];
  /** Names of the outputs that were asked for; none means all. */
  readonly outputNames: readonly string[];
  /** `undefined` when the inference failed. */
  readonly outputs: readonly Tensor[] | undefined;
  /** Why it failed; `undefined` when it did not. */
  readonly error: ErrorCode | undefined;
  /** Tensors whose elements are not kept. */
  readonly redact: readonly string[];
}

/**
 * Keeps requests and answers of sampled inferences, for audits and for training.
 *
 * Obligations:
 * 1. `take` returns at once, and never throws: a request is never late or lost because of its log.
 * 2. Memory is bounded: what cannot be kept is dropped, and counted.
 * 3. After `close` everything that was taken is kept, or counted as dropped.
 */
export interface PayloadLog {
  /** Takes an inference. The tensors are read before it returns. */
  take(inference: LoggedInference): void;
  /** @param withinMs how long to try for. */
  close(withinMs: number): Promise<void>;
}
