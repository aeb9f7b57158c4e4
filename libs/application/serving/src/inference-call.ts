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
  /** Told of each step of an ensemble that ended, for traces. */
  readonly onStep?: ((step: EnsembleStepRun) => void) | undefined;
}

/** A step of an ensemble that ran. Times are monotonic milliseconds. */
export interface EnsembleStepRun {
  /** Where it stands in the ensemble, and its kind: `steps[1].model`. */
  readonly path: string;
  /** Which deployment it called; `undefined` for a step that the ensemble itself does. */
  readonly deployment: string | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The called deployment's; `undefined` when it called none, or failed. */
  readonly run: InferenceRun | undefined;
  /** Why it failed; `undefined` when it did not. */
  readonly error: unknown;
}

/** What became of a call. */
export interface InferenceRun {
  /** In the order of the call's `outputNames`. */
  readonly outputs: readonly Tensor[];
  /** Rows of this call that the run computed; 0 when it was answered without one. */
  readonly rows: number;
  /** Rows that the run computed, of this call and of others; 0 when it was answered without one. */
  readonly batchSize: number;
  /** Milliseconds from the call to its run. */
  readonly queueMs: number;
  /** Milliseconds that the runtime computed. */
  readonly runMs: number;
  /** Absent where no answers are kept. */
  readonly cacheLookup?: CacheLookup;
}

/** What became of looking for a kept answer. */
export interface CacheLookup {
  /** Also when the run of an equal call in flight gave the answer. */
  readonly isHit: boolean;
  readonly tookMs: number;
}

/** Answers calls: a loaded version, or something that stands before one. */
export interface InferenceRunner {
  /**
   * @throws QUEUE_FULL, MODEL_RUN_FAILED, DEADLINE_EXCEEDED, RUNNER_LOST, MODEL_VERSION_NOT_READY
   */
  run(call: InferenceCall): Promise<InferenceRun>;
}
