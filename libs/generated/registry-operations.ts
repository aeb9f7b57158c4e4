// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type CallerKind =
  /** A person, or whatever else an identity provider vouches for. */
  | 'USER'
  /** A program, known by its certificate or by its API key. */
  | 'WORKLOAD'
  | 'ANONYMOUS';

/** Somebody, as policies see them. */
export type PrincipalInput = {
  kind: CallerKind;
  /** The name; it is not needed for ANONYMOUS. */
  id?: string | null | undefined;
  groups?: Array<string>;
  /** Claims of the token; one that is given several times has several values. */
  attributes?: Array<LabelInput>;
  /** How they show who they are: `token`, `apiKey`, `certificate` or `none`. Without it: users by token, programs by API key. */
  credential?: string | null | undefined;
};

/** Something that could be done to something. */
export type AccessQuestionInput = {
  /** Such as `version.read`; docs/reference/access.md lists them. */
  action: string;
  /** A part of the action, such as `metrics`; without one, whether it can be done at all. */
  field?: string | null | undefined;
  /**
   * What it would be done to, by its name in the registry: `<namespace>`, `<namespace>/<model>`, `<namespace>/<model>@<version or alias>` or
   * `<namespace>/<deployment>`, as the action demands. What the caller may not see is not found.
   */
  resource?: string | null | undefined;
  /** What it would be done to, by attributes, whether or not there is such a thing: `namespace`, `owner`, `labels.tier`. */
  attributes?: Array<LabelInput> | null | undefined;
  /** Who would do it; without one: the caller. */
  principal?: PrincipalInput | null | undefined;
  /** When it would be done; without one: now. */
  at?: string | null | undefined;
  /** The address that it would come from; without one: that of this request, and of others that it is not known. */
  address?: string | null | undefined;
};

export type RuleEffect =
  | 'ALLOW'
  | 'DENY';

/** A file with policies. */
export type PolicyFileInput = {
  /** As messages are to name it. */
  path: string;
  text: string;
};

export type CreateApiKeyInput = {
  /** What the key is for, at most 200 characters. */
  description: string;
  /** From 1 to 366. */
  lifetimeDays?: number;
  /** Actions such as `version.read`, those of a noun as `version.*`. Without any: all that its owner may do. */
  actions?: Array<string> | null | undefined;
  /** Without any: every namespace. */
  namespaces?: Array<string> | null | undefined;
  /** The name of a program that the key is for; without one it is for the caller. */
  workload?: string | null | undefined;
};

export type CreateNamespaceInput = {
  name: string;
  description?: string | null | undefined;
  owner?: string | null | undefined;
  labels?: Array<LabelInput>;
  /** Stages that a version enters only when somebody else than the requester has approved it. */
  approvalStages?: Array<Stage>;
};

export type CreateModelInput = {
  namespace?: string;
  name: string;
  description?: string | null | undefined;
  /** A person or team. */
  owner?: string | null | undefined;
  /** The model card, in Markdown; at most 100,000 characters. */
  card?: string | null | undefined;
  labels?: Array<LabelInput>;
};

export type UpdateModelInput = {
  namespace?: string;
  name: string;
  description?: string | null | undefined;
  owner?: string | null | undefined;
  card?: string | null | undefined;
  labels?: Array<LabelInput> | null | undefined;
  /** When given, the change happens only at this revision. */
  expectedRevision?: number | null | undefined;
};

export type CreateVersionInput = {
  namespace?: string;
  model: string;
  /** At most 200 characters, chosen by the client. Without one, every call declares a new version. */
  idempotencyKey?: string | null | undefined;
  /** Whether to register the version at once when the registry holds every file already; the draft's `version` is it then. */
  finalize?: boolean;
  description?: string | null | undefined;
  /** A name beside the number, such as 1.4.0; unique in its model. */
  semanticVersion?: string | null | undefined;
  metrics?: Array<MetricInput>;
  parameters?: Array<ParameterInput>;
  labels?: Array<LabelInput>;
  trainingData?: Array<DatasetReferenceInput>;
  /** The commit of the training code. */
  sourceCommit?: string | null | undefined;
  /** Versions of this model that the new one was derived from. */
  parents?: Array<number>;
  /** Kept where the files' format does not say; else checked against the files. */
  signature?: SignatureInput | null | undefined;
  variants: Array<VariantInput>;
};

export type SignatureInput = {
  inputs: Array<TensorSpecInput>;
  outputs: Array<TensorSpecInput>;
};

export type TensorSpecInput = {
  name: string;
  /** A datatype of the Open Inference Protocol. */
  datatype: string;
  /** -1 stands for an axis whose size the request chooses. */
  shape: Array<number>;
};

export type VariantInput = {
  target?: HardwareTarget;
  precision?: Precision;
  format?: string;
  /** The first file is the one that the runtime opens. */
  files: Array<ModelFileInput>;
};

export type ModelFileInput = {
  /** Relative path inside the version. */
  path: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
  sizeBytes: number;
};

export type MetricInput = {
  name: string;
  value: number;
};

export type ParameterInput = {
  name: string;
  value: string;
};

export type LabelInput = {
  name: string;
  value: string;
};

export type DatasetReferenceInput = {
  name: string;
  uri?: string | null | undefined;
  digest?: string | null | undefined;
};

export type SetAliasInput = {
  namespace?: string;
  model: string;
  alias: string;
  version: number;
  /** When given, the alias moves only if it points at this version now; 0 stands for no version. */
  expectedVersion?: number | null | undefined;
};

export type RequestStageInput = {
  namespace?: string;
  model: string;
  version: number;
  stage: Stage;
  reason?: string;
};

export type DecideStageInput = {
  namespace?: string;
  model: string;
  version: number;
  isApproved: boolean;
  reason?: string;
};

export type DeprecateVersionInput = {
  namespace?: string;
  model: string;
  version: number;
  isDeprecated?: boolean;
  reason?: string;
};

export type VersionRemarkInput = {
  namespace?: string;
  model: string;
  version: number;
  reason?: string;
};

export type AnnotateVersionInput = {
  namespace?: string;
  model: string;
  version: number;
  annotations: Array<AnnotationInput>;
};

export type SignVersionInput = {
  namespace?: string;
  model: string;
  version: number;
  /** A Sigstore bundle, v0.3: JSON of at most 128 KiB. */
  bundle: string;
};

export type AnnotationInput = {
  name: string;
  /** Null removes the annotation. */
  value?: string | null | undefined;
};

export type OrderInput = {
  /** A field with one value, such as `createdAt`, `version` or `metrics.accuracy`. Entries without a value come last. */
  field: string;
  direction?: OrderDirection;
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type HardwareTarget =
  | 'CPU'
  | 'CUDA'
  | 'TENSORRT'
  | 'ASCEND'
  | 'OPENVINO';

export type Precision =
  | 'FP64'
  | 'FP32'
  | 'TF32'
  | 'BF16'
  | 'FP16'
  | 'FP8'
  | 'INT8'
  | 'INT4';

/** How far a version has come. */
export type Stage =
  | 'DEVELOPMENT'
  | 'STAGING'
  | 'PRODUCTION'
  | 'ARCHIVED';

export type EventAction =
  | 'NAMESPACE_CREATED'
  | 'NAMESPACE_UPDATED'
  | 'MODEL_CREATED'
  | 'MODEL_UPDATED'
  | 'VERSION_REGISTERED'
  | 'ALIAS_MOVED'
  | 'ALIAS_DELETED'
  | 'STAGE_REQUESTED'
  | 'STAGE_CHANGED'
  | 'STAGE_REJECTED'
  | 'VERSION_DEPRECATED'
  | 'VERSION_UNDEPRECATED'
  | 'VERSION_TOMBSTONED'
  | 'VERSION_RESTORED'
  | 'VERSION_ANNOTATED'
  | 'VERSION_SIGNED';

export type VersionFieldsFragment = { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> };

export type ModelFieldsFragment = { namespace: string, name: string, description: string | null, owner: string | null, createdAt: string, updatedAt: string, labels: Array<{ name: string, value: string }>, aliases: Array<{ alias: string, version: number, updatedAt: string }> };

export type ModelQueryVariables = Exact<{
  namespace: string;
  name: string;
  first: number;
}>;


export type ModelQuery = { model: { card: string | null, namespace: string, name: string, description: string | null, owner: string | null, createdAt: string, updatedAt: string, latestVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } | null, versions: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> }> }, labels: Array<{ name: string, value: string }>, aliases: Array<{ alias: string, version: number, updatedAt: string }> } | null };

export type ModelsQueryVariables = Exact<{
  namespace?: string | null | undefined;
  filter?: string | null | undefined;
  search?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type ModelsQuery = { models: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ namespace: string, name: string, description: string | null, owner: string | null, createdAt: string, updatedAt: string, latestVersion: { version: number, metrics: Array<{ name: string, value: number }> | null } | null, versions: { totalCount: number }, labels: Array<{ name: string, value: string }>, aliases: Array<{ alias: string, version: number, updatedAt: string }> }> } };

export type VersionQueryVariables = Exact<{
  namespace: string;
  model: string;
  version?: number | null | undefined;
  alias?: string | null | undefined;
}>;


export type VersionQuery = { version: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } | null };

export type VersionsQueryVariables = Exact<{
  namespace?: string | null | undefined;
  model?: string | null | undefined;
  filter?: string | null | undefined;
  search?: string | null | undefined;
  orderBy?: OrderInput | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type VersionsQuery = { versions: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> }> } };

export type FilesQueryVariables = Exact<{
  namespace: string;
  model: string;
  version: number;
}>;


export type FilesQuery = { files: { variants: Array<{ target: HardwareTarget, precision: Precision, format: string, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string, directDownload: { method: string, url: string, headers: Array<{ name: string, value: string }> } | null }> }> } | null };

export type EventsQueryVariables = Exact<{
  namespace?: string | null | undefined;
  model?: string | null | undefined;
  version?: number | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type EventsQuery = { events: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, action: EventAction, at: string, actor: string, namespace: string, model: string | null, version: number | null, alias: string | null, before: unknown, after: unknown }> } };

export type NamespacesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type NamespacesQuery = { namespaces: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ name: string, description: string | null, owner: string | null, approvalStages: Array<Stage>, createdAt: string }> } };

export type CreateNamespaceMutationVariables = Exact<{
  input: CreateNamespaceInput;
}>;


export type CreateNamespaceMutation = { createNamespace: { name: string, approvalStages: Array<Stage> } };

export type CreateModelMutationVariables = Exact<{
  input: CreateModelInput;
}>;


export type CreateModelMutation = { createModel: { namespace: string, name: string } };

export type UpdateModelMutationVariables = Exact<{
  input: UpdateModelInput;
}>;


export type UpdateModelMutation = { updateModel: { namespace: string, name: string, revision: number } };

export type CreateVersionMutationVariables = Exact<{
  input: CreateVersionInput;
}>;


export type CreateVersionMutation = { createVersion: { id: string, files: Array<{ path: string, digest: string, sizeBytes: number, isUploaded: boolean, uploadPath: string, directUpload: { method: string, url: string, headers: Array<{ name: string, value: string }> } | null }>, version: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } | null } };

export type FinalizeVersionMutationVariables = Exact<{
  namespace: string;
  model: string;
  draftId: string | number;
}>;


export type FinalizeVersionMutation = { finalizeVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type SetAliasMutationVariables = Exact<{
  input: SetAliasInput;
}>;


export type SetAliasMutation = { setAlias: { alias: string, version: number, updatedAt: string } };

export type DeleteAliasMutationVariables = Exact<{
  namespace: string;
  model: string;
  alias: string;
}>;


export type DeleteAliasMutation = { deleteAlias: boolean };

export type RequestStageMutationVariables = Exact<{
  input: RequestStageInput;
}>;


export type RequestStageMutation = { requestStage: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type DecideStageMutationVariables = Exact<{
  input: DecideStageInput;
}>;


export type DecideStageMutation = { decideStage: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type DeprecateVersionMutationVariables = Exact<{
  input: DeprecateVersionInput;
}>;


export type DeprecateVersionMutation = { deprecateVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type TombstoneVersionMutationVariables = Exact<{
  input: VersionRemarkInput;
}>;


export type TombstoneVersionMutation = { tombstoneVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type RestoreVersionMutationVariables = Exact<{
  input: VersionRemarkInput;
}>;


export type RestoreVersionMutation = { restoreVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type SignVersionMutationVariables = Exact<{
  input: SignVersionInput;
}>;


export type SignVersionMutation = { signVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type AnnotateVersionMutationVariables = Exact<{
  input: AnnotateVersionInput;
}>;


export type AnnotateVersionMutation = { annotateVersion: { namespace: string, model: string, version: number, semanticVersion: string | null, createdAt: string, createdBy: string, description: string | null, sourceCommit: string | null, parents: Array<number>, aliases: Array<string>, uri: string, sizeBytes: number, stage: Stage, metrics: Array<{ name: string, value: number }> | null, parameters: Array<{ name: string, value: string }> | null, labels: Array<{ name: string, value: string }>, annotations: Array<{ name: string, value: string }> | null, trainingData: Array<{ name: string, uri: string | null, digest: string | null }> | null, pendingStage: { stage: Stage, by: string, at: string, reason: string } | null, deprecation: { by: string, at: string, reason: string } | null, tombstone: { by: string, at: string, reason: string } | null, signatures: Array<{ bundle: string, keyId: string, signer: string | null, problem: string | null, by: string, at: string }>, inputs: Array<{ name: string, datatype: string, shape: Array<number> }>, outputs: Array<{ name: string, datatype: string, shape: Array<number> }>, variants: Array<{ target: HardwareTarget, precision: Precision, format: string, producer: string, opsets: Array<{ domain: string, version: number }>, files: Array<{ path: string, digest: string, sizeBytes: number, downloadPath: string }> }> } };

export type CollectGarbageMutationVariables = Exact<{
  dryRun: boolean;
}>;


export type CollectGarbageMutation = { collectGarbage: { condemned: Array<string>, spared: Array<string>, removed: Array<string>, removedBytes: number, abandonedDrafts: number, removedSegments: number } };

export type CallerQueryVariables = Exact<{ [key: string]: never; }>;


export type CallerQuery = { caller: { kind: CallerKind, name: string, groups: Array<string>, validUntil: string | null } };

export type AccessQueryVariables = Exact<{
  input: AccessQuestionInput;
}>;


export type AccessQuery = { access: { isAllowed: boolean, principal: string, resource: string, decided: string, rule: string | null, reason: string, considered: Array<{ rule: string, effect: RuleEffect, isMatch: boolean, failed: string | null }> } };

export type PermissionsQueryVariables = Exact<{
  principal?: PrincipalInput | null | undefined;
  namespace?: string | null | undefined;
}>;


export type PermissionsQuery = { permissions: Array<{ action: string, resource: string, fields: Array<string> | null, conditions: Array<string>, isNarrowed: boolean, rule: string }> };

export type DryRunPoliciesQueryVariables = Exact<{
  files: Array<PolicyFileInput> | PolicyFileInput;
  keepOthers: boolean;
}>;


export type DryRunPoliciesQuery = { dryRunPolicies: { problems: Array<string>, totalChanges: number, hiddenChanges: number, compared: number, since: string | null, changes: Array<{ principal: string, action: string, field: string | null, resource: string | null, count: number, firstAt: string, lastAt: string, address: string | null, before: { isAllowed: boolean, rule: string | null, shown: string | null }, after: { isAllowed: boolean, rule: string | null, shown: string | null } }> } };

export type ApiKeysQueryVariables = Exact<{
  ofEverybody: boolean;
  first: number;
  after?: string | number | null | undefined;
}>;


export type ApiKeysQuery = { apiKeys: { nodes: Array<{ id: string, description: string, ownerKind: CallerKind, owner: string, actions: Array<string>, namespaces: Array<string> | null, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, revokedBy: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ApiKeyFieldsFragment = { id: string, description: string, ownerKind: CallerKind, owner: string, actions: Array<string>, namespaces: Array<string> | null, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, revokedBy: string | null };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey: { key: string, apiKey: { id: string, description: string, ownerKind: CallerKind, owner: string, actions: Array<string>, namespaces: Array<string> | null, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, revokedBy: string | null } } };

export type RevokeApiKeyMutationVariables = Exact<{
  id: string | number;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { id: string, description: string, ownerKind: CallerKind, owner: string, actions: Array<string>, namespaces: Array<string> | null, createdAt: string, createdBy: string, expiresAt: string, revokedAt: string | null, revokedBy: string | null } };

/** The text of each operation. */
export const registryOperations = {
  model: "query model($namespace: String!, $name: String!, $first: Int!) {\n  model(namespace: $namespace, name: $name) {\n    ...ModelFields\n    card\n    latestVersion {\n      ...VersionFields\n    }\n    versions(first: $first) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        ...VersionFields\n      }\n    }\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}\nfragment ModelFields on Model {\n  namespace\n  name\n  description\n  owner\n  createdAt\n  updatedAt\n  labels {\n    name\n    value\n  }\n  aliases {\n    alias\n    version\n    updatedAt\n  }\n}",
  models: "query models($namespace: String, $filter: String, $search: String, $first: Int!, $after: String) {\n  models(\n    namespace: $namespace\n    filter: $filter\n    search: $search\n    first: $first\n    after: $after\n  ) {\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      ...ModelFields\n      latestVersion {\n        version\n        metrics {\n          name\n          value\n        }\n      }\n      versions(first: 1) {\n        totalCount\n      }\n    }\n  }\n}\nfragment ModelFields on Model {\n  namespace\n  name\n  description\n  owner\n  createdAt\n  updatedAt\n  labels {\n    name\n    value\n  }\n  aliases {\n    alias\n    version\n    updatedAt\n  }\n}",
  version: "query version($namespace: String!, $model: String!, $version: Int, $alias: String) {\n  version(namespace: $namespace, model: $model, version: $version, alias: $alias) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  versions: "query versions($namespace: String, $model: String, $filter: String, $search: String, $orderBy: OrderInput, $first: Int!, $after: String) {\n  versions(\n    namespace: $namespace\n    model: $model\n    filter: $filter\n    search: $search\n    orderBy: $orderBy\n    first: $first\n    after: $after\n  ) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      ...VersionFields\n    }\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  files: "query files($namespace: String!, $model: String!, $version: Int!) {\n  files: version(namespace: $namespace, model: $model, version: $version) {\n    variants {\n      target\n      precision\n      format\n      files {\n        path\n        digest\n        sizeBytes\n        downloadPath\n        directDownload {\n          method\n          url\n          headers {\n            name\n            value\n          }\n        }\n      }\n    }\n  }\n}",
  events: "query events($namespace: String, $model: String, $version: Int, $first: Int!, $after: String) {\n  events(\n    namespace: $namespace\n    model: $model\n    version: $version\n    first: $first\n    after: $after\n  ) {\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      action\n      at\n      actor\n      namespace\n      model\n      version\n      alias\n      before\n      after\n    }\n  }\n}",
  namespaces: "query namespaces($first: Int!, $after: String) {\n  namespaces(first: $first, after: $after) {\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      name\n      description\n      owner\n      approvalStages\n      createdAt\n    }\n  }\n}",
  createNamespace: "mutation createNamespace($input: CreateNamespaceInput!) {\n  createNamespace(input: $input) {\n    name\n    approvalStages\n  }\n}",
  createModel: "mutation createModel($input: CreateModelInput!) {\n  createModel(input: $input) {\n    namespace\n    name\n  }\n}",
  updateModel: "mutation updateModel($input: UpdateModelInput!) {\n  updateModel(input: $input) {\n    namespace\n    name\n    revision\n  }\n}",
  createVersion: "mutation createVersion($input: CreateVersionInput!) {\n  createVersion(input: $input) {\n    id\n    files {\n      path\n      digest\n      sizeBytes\n      isUploaded\n      uploadPath\n      directUpload {\n        method\n        url\n        headers {\n          name\n          value\n        }\n      }\n    }\n    version {\n      ...VersionFields\n    }\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  finalizeVersion: "mutation finalizeVersion($namespace: String!, $model: String!, $draftId: ID!) {\n  finalizeVersion(namespace: $namespace, model: $model, draftId: $draftId) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  setAlias: "mutation setAlias($input: SetAliasInput!) {\n  setAlias(input: $input) {\n    alias\n    version\n    updatedAt\n  }\n}",
  deleteAlias: "mutation deleteAlias($namespace: String!, $model: String!, $alias: String!) {\n  deleteAlias(namespace: $namespace, model: $model, alias: $alias)\n}",
  requestStage: "mutation requestStage($input: RequestStageInput!) {\n  requestStage(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  decideStage: "mutation decideStage($input: DecideStageInput!) {\n  decideStage(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  deprecateVersion: "mutation deprecateVersion($input: DeprecateVersionInput!) {\n  deprecateVersion(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  tombstoneVersion: "mutation tombstoneVersion($input: VersionRemarkInput!) {\n  tombstoneVersion(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  restoreVersion: "mutation restoreVersion($input: VersionRemarkInput!) {\n  restoreVersion(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  signVersion: "mutation signVersion($input: SignVersionInput!) {\n  signVersion(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  annotateVersion: "mutation annotateVersion($input: AnnotateVersionInput!) {\n  annotateVersion(input: $input) {\n    ...VersionFields\n  }\n}\nfragment VersionFields on ModelVersion {\n  namespace\n  model\n  version\n  semanticVersion\n  createdAt\n  createdBy\n  description\n  sourceCommit\n  parents\n  aliases\n  uri\n  sizeBytes\n  stage\n  metrics {\n    name\n    value\n  }\n  parameters {\n    name\n    value\n  }\n  labels {\n    name\n    value\n  }\n  annotations {\n    name\n    value\n  }\n  trainingData {\n    name\n    uri\n    digest\n  }\n  pendingStage {\n    stage\n    by\n    at\n    reason\n  }\n  deprecation {\n    by\n    at\n    reason\n  }\n  tombstone {\n    by\n    at\n    reason\n  }\n  signatures {\n    bundle\n    keyId\n    signer\n    problem\n    by\n    at\n  }\n  inputs {\n    name\n    datatype\n    shape\n  }\n  outputs {\n    name\n    datatype\n    shape\n  }\n  variants {\n    target\n    precision\n    format\n    producer\n    opsets {\n      domain\n      version\n    }\n    files {\n      path\n      digest\n      sizeBytes\n      downloadPath\n    }\n  }\n}",
  collectGarbage: "mutation collectGarbage($dryRun: Boolean!) {\n  collectGarbage(dryRun: $dryRun) {\n    condemned\n    spared\n    removed\n    removedBytes\n    abandonedDrafts\n    removedSegments\n  }\n}",
  caller: "query caller {\n  caller {\n    kind\n    name\n    groups\n    validUntil\n  }\n}",
  access: "query access($input: AccessQuestionInput!) {\n  access(input: $input) {\n    isAllowed\n    principal\n    resource\n    decided\n    rule\n    reason\n    considered {\n      rule\n      effect\n      isMatch\n      failed\n    }\n  }\n}",
  permissions: "query permissions($principal: PrincipalInput, $namespace: String) {\n  permissions(principal: $principal, namespace: $namespace) {\n    action\n    resource\n    fields\n    conditions\n    isNarrowed\n    rule\n  }\n}",
  dryRunPolicies: "query dryRunPolicies($files: [PolicyFileInput!]!, $keepOthers: Boolean!) {\n  dryRunPolicies(files: $files, keepOthers: $keepOthers) {\n    problems\n    changes {\n      principal\n      action\n      field\n      resource\n      before {\n        isAllowed\n        rule\n        shown\n      }\n      after {\n        isAllowed\n        rule\n        shown\n      }\n      count\n      firstAt\n      lastAt\n      address\n    }\n    totalChanges\n    hiddenChanges\n    compared\n    since\n  }\n}",
  apiKeys: "query apiKeys($ofEverybody: Boolean!, $first: Int!, $after: ID) {\n  apiKeys(ofEverybody: $ofEverybody, first: $first, after: $after) {\n    nodes {\n      ...ApiKeyFields\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\nfragment ApiKeyFields on ApiKey {\n  id\n  description\n  ownerKind\n  owner\n  actions\n  namespaces\n  createdAt\n  createdBy\n  expiresAt\n  revokedAt\n  revokedBy\n}",
  createApiKey: "mutation createApiKey($input: CreateApiKeyInput!) {\n  createApiKey(input: $input) {\n    key\n    apiKey {\n      ...ApiKeyFields\n    }\n  }\n}\nfragment ApiKeyFields on ApiKey {\n  id\n  description\n  ownerKind\n  owner\n  actions\n  namespaces\n  createdAt\n  createdBy\n  expiresAt\n  revokedAt\n  revokedBy\n}",
  revokeApiKey: "mutation revokeApiKey($id: ID!) {\n  revokeApiKey(id: $id) {\n    ...ApiKeyFields\n  }\n}\nfragment ApiKeyFields on ApiKey {\n  id\n  description\n  ownerKind\n  owner\n  actions\n  namespaces\n  createdAt\n  createdBy\n  expiresAt\n  revokedAt\n  revokedBy\n}",
} as const;

/** What each operation takes and answers. */
export type RegistryOperations = {
  model: { variables: ModelQueryVariables; data: ModelQuery };
  models: { variables: ModelsQueryVariables; data: ModelsQuery };
  version: { variables: VersionQueryVariables; data: VersionQuery };
  versions: { variables: VersionsQueryVariables; data: VersionsQuery };
  files: { variables: FilesQueryVariables; data: FilesQuery };
  events: { variables: EventsQueryVariables; data: EventsQuery };
  namespaces: { variables: NamespacesQueryVariables; data: NamespacesQuery };
  createNamespace: { variables: CreateNamespaceMutationVariables; data: CreateNamespaceMutation };
  createModel: { variables: CreateModelMutationVariables; data: CreateModelMutation };
  updateModel: { variables: UpdateModelMutationVariables; data: UpdateModelMutation };
  createVersion: { variables: CreateVersionMutationVariables; data: CreateVersionMutation };
  finalizeVersion: { variables: FinalizeVersionMutationVariables; data: FinalizeVersionMutation };
  setAlias: { variables: SetAliasMutationVariables; data: SetAliasMutation };
  deleteAlias: { variables: DeleteAliasMutationVariables; data: DeleteAliasMutation };
  requestStage: { variables: RequestStageMutationVariables; data: RequestStageMutation };
  decideStage: { variables: DecideStageMutationVariables; data: DecideStageMutation };
  deprecateVersion: { variables: DeprecateVersionMutationVariables; data: DeprecateVersionMutation };
  tombstoneVersion: { variables: TombstoneVersionMutationVariables; data: TombstoneVersionMutation };
  restoreVersion: { variables: RestoreVersionMutationVariables; data: RestoreVersionMutation };
  signVersion: { variables: SignVersionMutationVariables; data: SignVersionMutation };
  annotateVersion: { variables: AnnotateVersionMutationVariables; data: AnnotateVersionMutation };
  collectGarbage: { variables: CollectGarbageMutationVariables; data: CollectGarbageMutation };
  caller: { variables: CallerQueryVariables; data: CallerQuery };
  access: { variables: AccessQueryVariables; data: AccessQuery };
  permissions: { variables: PermissionsQueryVariables; data: PermissionsQuery };
  dryRunPolicies: { variables: DryRunPoliciesQueryVariables; data: DryRunPoliciesQuery };
  apiKeys: { variables: ApiKeysQueryVariables; data: ApiKeysQuery };
  createApiKey: { variables: CreateApiKeyMutationVariables; data: CreateApiKeyMutation };
  revokeApiKey: { variables: RevokeApiKeyMutationVariables; data: RevokeApiKeyMutation };
};
