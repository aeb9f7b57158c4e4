// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/**
 * @maxItems 0
 */
export type NoRegions = [];
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "BF16"
  | "FP32"
  | "FP64"
  | "BYTES";
/**
 * Hints and settings by name.
 */
export type Parameters = Parameters1;
export type Parameters1 = {
  /**
   * Microseconds that the answer is of use, or their digits; 0 leaves it to the deployment.
   */
  timeout?: number | string;
  /**
   * 1 is served first; 0 leaves it to the deployment.
   */
  priority?: number | string;
  /**
   * The sequence of requests that this one belongs to, by text or by 64 bits; 0 and the empty text are none.
   */
  sequence_id?: string | number;
  sequence_start?: Flag;
  sequence_end?: Flag;
  [k: string]: unknown;
} | null;
/**
 * Of a sequence, which it needs where it is true. Clients that have no boolean may use the other forms.
 */
export type Flag = true | false | 1 | 0 | "1" | "0" | "true" | "false" | "True" | "False";
export type InferenceParameters = Parameters & {
  /**
   * Whether outputs that do not say otherwise come as binary data.
   */
  binary_data_output?: boolean;
  [k: string]: unknown;
};
export type Shape = number[];
/**
 * Elements in row-major order, flat or nested.
 */
export type TensorData = unknown[];
/**
 * Elements in row-major order, flat. Floats that JSON has no form for are null.
 */
export type OutputData = (boolean | number | string | null)[];
export type RepositoryIndex = {
  name: string;
  version: string;
  state: "READY" | "LOADING" | "UNLOADING" | "UNAVAILABLE";
  /**
   * Why it is not ready; empty otherwise.
   */
  reason: string;
  [k: string]: unknown;
}[];

export interface GatewaySchemas {
  Failure?: Failure;
  Nothing?: Nothing;
  NoRegions?: NoRegions;
  ServerMetadata?: ServerMetadata;
  Liveness?: Liveness;
  Readiness?: Readiness;
  ModelReadiness?: ModelReadiness;
  ModelNames?: ModelNames;
  Datatype?: Datatype;
  TensorMetadata?: TensorMetadata;
  ModelMetadata?: ModelMetadata;
  Parameters?: Parameters;
  Flag?: Flag;
  InferenceParameters?: InferenceParameters;
  Shape?: Shape;
  InferenceRequest?: InferenceRequest;
  InputTensor?: InputTensor;
  TensorData?: TensorData;
  RequestedOutput?: RequestedOutput;
  InferenceResponse?: InferenceResponse;
  InferenceEvent?: InferenceEvent;
  OutputTensor?: OutputTensor;
  OutputData?: OutputData;
  GenerateRequest?: GenerateRequest;
  GenerateResponse?: GenerateResponse;
  GenerateEvent?: GenerateEvent;
  ModelConfig?: ModelConfig;
  ConfigTensor?: ConfigTensor;
  Statistics?: Statistics;
  ModelStages?: ModelStages;
  VersionStages?: VersionStages;
  VersionStatistics?: VersionStatistics;
  BatchStatistics?: BatchStatistics;
  DurationStatistic?: DurationStatistic;
  RepositoryIndexRequest?: RepositoryIndexRequest;
  RepositoryIndex?: RepositoryIndex;
  RepositoryLoadRequest?: RepositoryLoadRequest;
  LogSettings?: LogSettings;
  TraceSettings?: TraceSettings;
}
export interface Failure {
  /**
   * What failed, what was wanted, and what to do.
   */
  error: string;
  /**
   * See docs/reference/errors.md.
   */
  code: string;
  /**
   * Path of the field that is wrong.
   */
  field?: string;
  [k: string]: unknown;
}
export interface Nothing {
  [k: string]: unknown;
}
export interface ServerMetadata {
  name: string;
  version: string;
  extensions: string[];
  [k: string]: unknown;
}
export interface Liveness {
  live: boolean;
  [k: string]: unknown;
}
export interface Readiness {
  ready: boolean;
  [k: string]: unknown;
}
export interface ModelReadiness {
  name: string;
  ready: boolean;
  [k: string]: unknown;
}
export interface ModelNames {
  models: string[];
  [k: string]: unknown;
}
export interface TensorMetadata {
  name: string;
  datatype: Datatype;
  /**
   * -1 stands for an axis whose size the request chooses.
   */
  shape: number[];
  [k: string]: unknown;
}
export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
  [k: string]: unknown;
}
export interface InferenceRequest {
  /**
   * Comes back with the answer.
   */
  id?: string;
  parameters?: InferenceParameters;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  inputs: [InputTensor, ...InputTensor[]];
  /**
   * The outputs wanted; none means all.
   *
   * @maxItems 1000
   */
  outputs?: RequestedOutput[];
  [k: string]: unknown;
}
export interface InputTensor {
  name: string;
  datatype: Datatype;
  shape: Shape;
  parameters?: {
    /**
     * Bytes of the tensor behind the JSON.
     */
    binary_data_size?: number;
    [k: string]: unknown;
  } | null;
  data?: TensorData;
  [k: string]: unknown;
}
export interface RequestedOutput {
  name: string;
  parameters?: {
    binary_data?: boolean;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}
export interface InferenceResponse {
  id?: string;
  model_name: string;
  model_version: string;
  outputs: OutputTensor[];
  [k: string]: unknown;
}
export interface OutputTensor {
  name: string;
  datatype: Datatype;
  shape: Shape;
  parameters?: {
    binary_data_size?: number;
    [k: string]: unknown;
  };
  data?: OutputData;
  [k: string]: unknown;
}
/**
 * A server-sent event.
 */
export interface InferenceEvent {
  data: string;
  [k: string]: unknown;
}
export interface GenerateRequest {
  id?: string;
  parameters?: Parameters;
  [k: string]: unknown;
}
export interface GenerateResponse {
  id?: string;
  model_name: string;
  model_version: string;
  [k: string]: unknown;
}
/**
 * A server-sent event.
 */
export interface GenerateEvent {
  data: string;
  [k: string]: unknown;
}
export interface ModelConfig {
  name: string;
  platform: string;
  backend: string;
  max_batch_size: number;
  input: ConfigTensor[];
  output: ConfigTensor[];
  version_policy: {
    [k: string]: unknown;
  };
  dynamic_batching?: {
    [k: string]: unknown;
  };
  instance_group: {
    [k: string]: unknown;
  }[];
  default_model_filename?: string;
  parameters?: {
    [k: string]: unknown;
  };
  model_transaction_policy?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
export interface ConfigTensor {
  name: string;
  data_type: string;
  dims: number[];
  [k: string]: unknown;
}
export interface Statistics {
  model_stats: VersionStatistics[];
  [k: string]: unknown;
}
export interface VersionStatistics {
  name: string;
  version: string;
  /**
   * Milliseconds since 1970; 0 before the first.
   */
  last_inference: number;
  inference_count: number;
  execution_count: number;
  inference_stats: {
    success: DurationStatistic;
    fail: DurationStatistic;
    queue: DurationStatistic;
    compute_input: DurationStatistic;
    compute_infer: DurationStatistic;
    compute_output: DurationStatistic;
    cache_hit: DurationStatistic;
    cache_miss: DurationStatistic;
    [k: string]: unknown;
  };
  response_stats?: {
    [k: string]: unknown;
  };
  batch_stats: BatchStatistics[];
  memory_usage?: {
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
export interface DurationStatistic {
  count: number;
  ns: number;
  [k: string]: unknown;
}
export interface BatchStatistics {
  batch_size: number;
  compute_input: DurationStatistic;
  compute_infer: DurationStatistic;
  compute_output: DurationStatistic;
  [k: string]: unknown;
}
export interface ModelStages {
  name: string;
  versions: VersionStages[];
  [k: string]: unknown;
}
export interface VersionStages {
  version: number;
  role: string;
  requests: number;
  averageMs: number;
  stages: {
    stage: string;
    averageMs: number;
    sharePercent: number;
    [k: string]: unknown;
  }[];
  /**
   * Absent before the first request.
   */
  slowest?: string;
  /**
   * What to do about the slowest stage.
   */
  advice: string;
  [k: string]: unknown;
}
export interface RepositoryIndexRequest {
  /**
   * Only versions that can answer now.
   */
  ready?: boolean;
  [k: string]: unknown;
}
export interface RepositoryLoadRequest {
  /**
   * Refused where it has any.
   */
  parameters?: {
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}
export interface LogSettings {
  log_file: string;
  log_info: boolean;
  log_warning: boolean;
  log_error: boolean;
  log_verbose_level: number;
  log_format: string;
  [k: string]: unknown;
}
export interface TraceSettings {
  trace_level: string[];
  [k: string]: unknown;
}
