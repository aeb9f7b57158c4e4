import type { Datatype, ModelSignature, Tensor } from '#domain/inference';
import type { OperatorLibrary } from './operator-libraries.ts';
import type { ServedFile, ServedVariant } from './serving-snapshot.ts';

/** Brings the files of a variant onto the local disk. */
export interface ArtifactSource {
  /**
   * Answers the path of the first file; the others lie around it by their own paths. Bytes are verified by digest before the path
   * is answered, whether they came from the store or were there already.
   *
   * @throws ARTIFACT_NOT_FOUND, ARTIFACT_CORRUPT, STORE_UNAVAILABLE
   */
  materialise(files: readonly ServedFile[]): Promise<string>;
}

/** An input of a run: the rows of one or more calls, joined along the first axis. */
export interface JoinedTensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** Of the whole. */
  readonly shape: readonly number[];
  /** The bytes of the whole, in order; they are copied while `run` is called, and not looked at again. */
  readonly pieces: readonly Uint8Array[];
}

/** What one run computes. */
export interface RunRequest {
  readonly inputs: readonly JoinedTensor[];
  readonly outputNames: readonly string[];
}

/** What one run gave. */
export interface RunAnswer {
  /** In the order of the request's `outputNames`; the bytes are the caller's own. */
  readonly outputs: readonly Tensor[];
  /** Milliseconds that the runtime computed. */
  readonly runMs: number;
}

/** What loading has found out about a model. */
export interface LoadProfile {
  /** Threads that one run uses. */
  readonly intraOpThreads: number;
  /** Milliseconds of one run of a made-up row. */
  readonly runMs: number;
  /** Whether the rows of a run were seen not to depend on each other, so that calls may share it. */
  readonly isRowIndependent: boolean;
}

/** One instance of a model in memory, in a runner of its own. It computes its runs one after the other. */
export interface HostedModel {
  readonly profile: LoadProfile;
  /** How many more runs it takes now; 0 when it has ended. */
  readonly freeRuns: number;
  /**
   * Computes a run.
   *
   * @param limitMs how long the run itself may take; past it the run is cut off, and the runner may end with it.
   * @throws MODEL_RUN_FAILED with the runtime's text
   * @throws DEADLINE_EXCEEDED when the run was cut off
   * @throws RUNNER_LOST when the runner ended before it answered
   */
  run(request: RunRequest, limitMs: number): Promise<RunAnswer>;
  /** Memory that it takes now, in bytes; `undefined`, or no such method, where that cannot be told. */
  residentBytes?(): Promise<number | undefined>;
  /** Ends the runner. Runs in it fail with RUNNER_LOST. Idempotent. */
  close(): Promise<void>;
}

/** What a host is told to load. */
export interface ModelToHost {
  /** For logs. */
  readonly label: string;
  readonly modelPath: string;
  /** That the version brings, all of them allowed. */
  readonly operatorLibraries: readonly OperatorLibrary[];
  readonly variant: ServedVariant;
  readonly signature: ModelSignature;
  /** `undefined`: measured and chosen. */
  readonly intraOpThreads: number | undefined;
  /** Called once when the runner ended by itself or was cut off; the model is gone then. */
  readonly onLost: (reason: string) => void;
  /** Aborted when the model is not wanted any more before it is loaded: its load then ends at once, and fails. */
  readonly signal: AbortSignal;
}

/** Starts runners and loads models into them. */
export interface ModelHost {
  /** Cores that the runs of all models share. */
  readonly cores: number;
  /** Whether this host can run the variant at all. */
  canRun(variant: ServedVariant): boolean;
  /** @throws MODEL_LOAD_FAILED with the runtime's text; RUNNER_UNAVAILABLE, RUNNER_LOST. */
  load(model: ModelToHost): Promise<HostedModel>;
}
