import type { ModelSignature } from '#domain/inference';
import type { Digest } from './digest.ts';
import type { ModelFormat } from './model-format.ts';
import type { Actor, ModelName, Namespace } from './names.ts';
import type { SemanticVersion } from './semantic-version.ts';

/** The hardware that a variant is built for. */
export const HARDWARE_TARGETS = ['cpu', 'cuda', 'tensorrt', 'ascend', 'openvino'] as const;
export type HardwareTarget = (typeof HARDWARE_TARGETS)[number];

/** The numeric precision that a variant computes in. */
export const PRECISIONS = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'int4'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** One file of a variant. The bytes are the blob of that digest; the path is its name inside the version. */
export interface ModelFile {
  /** Relative, `/`-separated, without `.` or `..` segments; unique in its variant. */
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What a person declares of a variant before its files are read. */
export interface VariantDeclaration {
  readonly target: HardwareTarget;
  readonly precision: Precision;
  readonly format: ModelFormat;
  /** The first file is the one that the runtime opens. */
  readonly files: readonly [ModelFile, ...ModelFile[]];
}

/** What a model file holds, for people who look for a version. */
export interface VariantSummary {
  readonly irVersion: number;
  /** How often each operator stands in the graphs; those of other domains than ai.onnx with their domain before them. */
  readonly operators: Readonly<Record<string, number>>;
  /** Elements of all initializers. */
  readonly parameterCount: number;
}

/** One build of a version for a hardware target and a precision, with what was read from its files. */
export interface Variant extends VariantDeclaration {
  /** Of formats that are read. */
  readonly summary?: VariantSummary;
  /** ONNX operator-set version per domain; `ai.onnx` is the default domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
}

/** A data set that a version was trained or judged on. */
export interface DatasetReference {
  readonly name: string;
  readonly uri?: string;
  readonly digest?: Digest;
}

/** What the people who trained a version say about it. Map keys are free; values are shown as given. */
export interface VersionMetadata {
  readonly description?: string;
  /** A name beside the number, unique in its model. */
  readonly semanticVersion?: SemanticVersion;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly trainingData: readonly DatasetReference[];
  /** The commit of the training code. */
  readonly sourceCommit?: string;
  /** Versions of the same model that this one was derived from. */
  readonly parents: readonly number[];
}

/** An immutable version of a model. Numbers are dense: 1, 2, 3 … per model. */
export interface ModelVersion {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly version: number;
  /** The registration that became this version; what makes finalising it idempotent. */
  readonly draftId: string;
  /** Digest of what was declared; tells a repeated registration from a reused idempotency key. */
  readonly contentDigest: Digest;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly createdBy: Actor;
  readonly metadata: VersionMetadata;
  /** The same for every variant. */
  readonly signature: ModelSignature;
  readonly variants: readonly Variant[];
}

/** A registration in progress: declared, perhaps partly uploaded, visible to nobody but its author. */
export interface VersionDraft {
  readonly id: string;
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly createdAt: string;
  readonly createdBy: Actor;
  /** Digest of what was declared; tells a repeated request from a reused idempotency key. */
  readonly contentDigest: Digest;
  readonly metadata: VersionMetadata;
  readonly variants: readonly VariantDeclaration[];
  /** Given by the client; checked against the files where their format can be read. */
  readonly signature?: ModelSignature;
}
