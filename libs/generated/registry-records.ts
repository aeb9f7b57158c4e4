// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
export type Digest = string;
export type Target = "cpu" | "cuda" | "tensorrt" | "ascend" | "openvino";
export type Precision = "fp64" | "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "int8" | "int4";
export type Format = "onnx";

/**
 * The JSON objects that the registry keeps in its bucket; docs/reference/bucket-layout.md says under which keys. Unknown properties are kept out so that a reader never drops what it does not know.
 */
export interface RegistryRecords {
  model?: ModelRecord;
  draft?: DraftRecord;
  version?: VersionRecord;
  alias?: AliasRecord;
}
export interface ModelRecord {
  schema: "slipway.dev/v1/Model";
  namespace: string;
  name: string;
  description?: string;
  labels: StringMap;
  createdAt: string;
}
export interface StringMap {
  [k: string]: string;
}
export interface DraftRecord {
  schema: "slipway.dev/v1/VersionDraft";
  id: string;
  namespace: string;
  model: string;
  createdAt: string;
  numbersTakenUpTo: number;
  contentDigest: Digest;
  metadata: MetadataRecord;
  /**
   * @minItems 1
   */
  variants: [VariantDeclarationRecord, ...VariantDeclarationRecord[]];
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
}
export interface AliasRecord {
  schema: "slipway.dev/v1/Alias";
  namespace: string;
  model: string;
  alias: string;
  version: number;
  updatedAt: string;
}
