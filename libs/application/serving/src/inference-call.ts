import type { Tensor } from '#domain/inference';

/** The place of a request in a sequence that shares state. */
export interface SequencePlace {
  readonly id: string;
  readonly isStart: boolean;
  readonly isEnd: boolean;
}

/** A checked request, on its way to a loaded version. */
export interface InferenceCall {
  /** Each input of the signature once, in any order. */
  readonly inputs: readonly Tensor[];
  /** In the order in which they are wanted; never empty. */
  readonly outputNames: readonly string[];
  /** Monotonic milliseconds past which nobody waits any more: the call is then never begun, and not waited for. */
  readonly deadlineAtMs: number;
  /** Past it the call is not begun any more, but one that runs goes on: the client has gone, and its absence decides nothing. */
  readonly expiresAtMs?: number | undefined;
  /** 1 is served first; 0 takes the middle, as Triton's schedule policy has it. */
  readonly priority: number;
  readonly sequence: SequencePlace | undefined;
  /** Whether a call whose runner was lost is run once more. Without it somebody else answers. */
  readonly isRetriedOnLoss: boolean;
  /** A parameter of the request by its name, as the client gave it; ensembles choose branches by it. */
  readonly parameter?: ((name: string) => unknown) | undefined;
}

/** What became of a call. */
export interface InferenceRun {
  /** In the order of the call's `outputNames`. */
  readonly outputs: readonly Tensor[];
  /** Rows that the run computed, of this call and of others; 0 when it was answered from the cache. */
  readonly batchSize: number;
  /** Milliseconds from the call to its run. */
  readonly queueMs: number;
  /** Milliseconds that the runtime computed. */
  readonly runMs: number;
}

/** Answers calls: a loaded version, or something that stands before one. */
export interface InferenceRunner {
  /**
   * @throws QUEUE_FULL, MODEL_RUN_FAILED, DEADLINE_EXCEEDED, RUNNER_LOST, MODEL_VERSION_NOT_READY
   */
  run(call: InferenceCall): Promise<InferenceRun>;
}
