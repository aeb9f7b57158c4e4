import type { ModelSignature, Tensor } from '#domain/inference';
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

/** A model in memory, in a runner of its own. */
export interface HostedModel {
  /**
   * Runs the model.
   *
   * @param timeoutMs after which the run is cut off; the runner ends with it.
   * @throws MODEL_RUN_FAILED with the runtime's text
   * @throws DEADLINE_EXCEEDED when the time is up
   * @throws RUNNER_LOST when the runner ended before it answered
   */
  infer(inputs: readonly Tensor[], outputNames: readonly string[], timeoutMs: number): Promise<Tensor[]>;
  /** Memory that it takes now, in bytes; `undefined`, or no such method, where that cannot be told. */
  residentBytes?(): Promise<number | undefined>;
  /** Ends the runner. Runs in flight fail with RUNNER_LOST. Idempotent. */
  close(): Promise<void>;
}

/** What a host is told to load. */
export interface ModelToHost {
  /** For logs. */
  readonly label: string;
  readonly modelPath: string;
  readonly variant: ServedVariant;
  readonly signature: ModelSignature;
  /** Called once when the runner ended by itself or was cut off; the model is gone then. */
  readonly onLost: (reason: string) => void;
}

/** Starts runners and loads models into them. */
export interface ModelHost {
  /** Whether this host can run the variant at all. */
  canRun(variant: ServedVariant): boolean;
  /** @throws MODEL_LOAD_FAILED with the runtime's text. */
  load(model: ModelToHost): Promise<HostedModel>;
}
