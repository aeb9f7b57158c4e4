// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
export type Stage = "development" | "staging" | "production" | "archived";
export type Digest = string;
export type Target = "cpu" | "cuda" | "tensorrt" | "ascend" | "openvino";
export type Precision = "fp64" | "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "int8" | "int4";
/**
 * One that Slipway knows (onnx, om, tensorrt_plan, openvino_ir, torchscript, pytorch, savedmodel, safetensors, gguf, sklearn, xgboost, lightgbm, mlflow, other), or a word for one that a plugin runs.
 */
export type Format = string;

/**
 * The JSON objects that the registry keeps in its bucket; docs/reference/bucket-layout.md says under which keys. Unknown properties are kept out so that a reader never drops what it does not know.
 */
export interface RegistryRecords {
  identity?: IdentityRecord;
  namespace?: NamespaceRecord;
  model?: ModelRecord;
  draft?: DraftRecord;
  claim?: ClaimRecord;
  version?: VersionRecord;
  status?: StatusRecord;
  alias?: AliasRecord;
  batch?: BatchRecord;
  condemnation?: CondemnationRecord;
}
export interface IdentityRecord {
  schema: "slipway.dev/v1/Bucket";
  id: string;
  layout: number;
  createdAt: string;
}
export interface NamespaceRecord {
  schema: "slipway.dev/v1/Namespace";
  namespace: string;
  description?: string;
  owner?: string;
  labels: StringMap;
  approvalStages: Stage[];
  createdAt: string;
  createdBy: string;
  revision: number;
  updatedAt: string;
  updatedBy: string;
}
export interface StringMap {
  [k: string]: string;
}
export interface ModelRecord {
  schema: "slipway.dev/v1/Model";
  namespace: string;
  name: string;
  description?: string;
  owner?: string;
  card?: string;
  labels: StringMap;
  createdAt: string;
  createdBy: string;
  revision: number;
  updatedAt: string;
  updatedBy: string;
}
export interface DraftRecord {
  schema: "slipway.dev/v1/VersionDraft";
  id: string;
  namespace: string;
  model: string;
  createdAt: string;
  contentDigest: Digest;
  metadata: MetadataRecord;
  /**
   * @minItems 1
   */
  variants: [VariantDeclarationRecord, ...VariantDeclarationRecord[]];
  createdBy: string;
  signature?: SignatureRecord;
}
export interface MetadataRecord {
  description?: string;
  metrics: {
    [k: string]: number;
  };
  parameters: StringMap;
  labels: StringMap;
  trainingData: DatasetReferenceRecord[];
  sourceCommit?: string;
  parents: number[];
  semanticVersion?: string;
}
export interface DatasetReferenceRecord {
  name: string;
  uri?: string;
  digest?: Digest;
}
export interface VariantDeclarationRecord {
  target: Target;
  precision: Precision;
  format: Format;
  /**
   * @minItems 1
   */
  files: [FileRecord, ...FileRecord[]];
}
export interface FileRecord {
  path: string;
  digest: Digest;
  sizeBytes: number;
}
export interface SignatureRecord {
  inputs: TensorSpecRecord[];
  outputs: TensorSpecRecord[];
}
export interface TensorSpecRecord {
  name: string;
  datatype:
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
  shape: number[];
}
export interface ClaimRecord {
  schema: "slipway.dev/v1/SemanticVersionClaim";
  draftId: string;
  claimedAt: string;
  contentDigest: Digest;
}
export interface VersionRecord {
  schema: "slipway.dev/v1/ModelVersion";
  namespace: string;
  model: string;
  version: number;
  draftId: string;
  createdAt: string;
  metadata: MetadataRecord;
  signature: SignatureRecord;
  /**
   * @minItems 1
   */
  variants: [VariantRecord, ...VariantRecord[]];
  contentDigest: Digest;
  createdBy: string;
}
export interface VariantRecord {
  target: Target;
  precision: Precision;
  format: Format;
  /**
   * @minItems 1
   */
  files: [FileRecord, ...FileRecord[]];
  opsets: {
    [k: string]: number;
  };
  producer: string;
  summary?: {
    irVersion: number;
    operators: {
      [k: string]: number;
    };
    parameterCount: number;
  };
}
export interface StatusRecord {
  schema: "slipway.dev/v1/VersionStatus";
  namespace: string;
  model: string;
  version: number;
  revision: number;
  updatedAt: string;
  updatedBy: string;
  stage: Stage;
  pendingStage?: {
    by: string;
    at: string;
    reason: string;
    to: Stage;
  };
  deprecation?: RemarkRecord;
  tombstone?: RemarkRecord;
  annotations: StringMap;
  signatures?: {
    /**
     * A Sigstore bundle: JSON.
     */
    bundle: string;
    by: string;
    at: string;
  }[];
}
export interface RemarkRecord {
  by: string;
  at: string;
  reason: string;
}
export interface AliasRecord {
  schema: "slipway.dev/v1/Alias";
  namespace: string;
  model: string;
  alias: string;
  /**
   * 0 stands for an alias that was removed.
   */
  version: number;
  history: {
    version: number;
    at: string;
    by: string;
  }[];
  revision: number;
  updatedAt: string;
  updatedBy: string;
}
export interface BatchRecord {
  schema: "slipway.dev/v1/EventBatch";
  sequence: number;
  writer: string;
  /**
   * Of the bytes of the batch before, zeros for the first; absent in batches from before the log was a chain.
   */
  previousSha256?: string;
  /**
   * @minItems 1
   */
  events: [EventRecord, ...EventRecord[]];
  /**
   * The seal: of everything before this member. It is the last one.
   */
  sha256?: string;
}
/**
 * `before` and `after` are records of the kind, without their schema field.
 */
export interface EventRecord {
  id: string;
  kind: "namespace" | "model" | "version" | "status" | "alias";
  action:
    | "namespace-created"
    | "namespace-updated"
    | "model-created"
    | "model-updated"
    | "version-registered"
    | "alias-moved"
    | "alias-deleted"
    | "stage-requested"
    | "stage-changed"
    | "stage-rejected"
    | "version-deprecated"
    | "version-undeprecated"
    | "version-tombstoned"
    | "version-restored"
    | "version-annotated"
    | "version-signed";
  at: string;
  actor: string;
  before: {} | null;
  after: {};
}
export interface CondemnationRecord {
  schema: "slipway.dev/v1/Condemnation";
  digest: Digest;
  condemnedAt: string;
}
