// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An integer of up to 2^53 - 1, as a JSON number. */
  SafeInt: { input: number; output: number; }
  /** An instant in ISO 8601, UTC. */
  DateTime: { input: string; output: string; }
};

/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 */
export type Query = {
  /** One model; null when it does not exist. */
  model: Maybe<Model>;
  /** Models in a namespace, by name. */
  models: ModelConnection;
  /** One version; null when it does not exist. Exactly one of `version` and `alias` must be given. */
  version: Maybe<ModelVersion>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 */
export type QueryModelArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 */
export type QueryModelsArgs = {
  namespace: Scalars['String']['input'];
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 */
export type QueryVersionArgs = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version?: InputMaybe<Scalars['Int']['input']>;
  alias?: InputMaybe<Scalars['String']['input']>;
};

export type Mutation = {
  /** Creates a model. Repeating it with the same properties returns the existing model. */
  createModel: Model;
  /**
   * Declares a new version: its metadata, variants and files. Returns a draft and where to send each missing file.
   * The same idempotency key always means the same draft, and so the same version.
   */
  createVersion: VersionDraft;
  /** Turns a draft into the model's next version, after every file was uploaded and read. Repeating it returns the same version. */
  finalizeVersion: ModelVersion;
  /** Points an alias at a version, creating it when it is new. */
  setAlias: Alias;
  /** Removes an alias. Returns false when there was none. */
  deleteAlias: Scalars['Boolean']['output'];
};


export type MutationCreateModelArgs = {
  input: CreateModelInput;
};


export type MutationCreateVersionArgs = {
  input: CreateVersionInput;
};


export type MutationFinalizeVersionArgs = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  draftId: Scalars['ID']['input'];
};


export type MutationSetAliasArgs = {
  input: SetAliasInput;
};


export type MutationDeleteAliasArgs = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  alias: Scalars['String']['input'];
};

export type CreateModelInput = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  labels: Array<LabelInput>;
};

export type CreateVersionInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  /** At most 200 characters, chosen by the client. Without one, every call declares a new version. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  metrics: Array<MetricInput>;
  parameters: Array<ParameterInput>;
  labels: Array<LabelInput>;
  trainingData: Array<DatasetReferenceInput>;
  /** The commit of the training code. */
  sourceCommit?: InputMaybe<Scalars['String']['input']>;
  /** Versions of this model that the new one was derived from. */
  parents: Array<Scalars['Int']['input']>;
  variants: Array<VariantInput>;
};

export type VariantInput = {
  target: HardwareTarget;
  precision: Precision;
  format: ModelFormat;
  /** The first file is the one that the runtime opens. */
  files: Array<ModelFileInput>;
};

export type ModelFileInput = {
  /** Relative path inside the version. */
  path: Scalars['String']['input'];
  /** `sha256:` and 64 hexadecimal digits. */
  digest: Scalars['String']['input'];
  sizeBytes: Scalars['SafeInt']['input'];
};

export type MetricInput = {
  name: Scalars['String']['input'];
  value: Scalars['Float']['input'];
};

export type ParameterInput = {
  name: Scalars['String']['input'];
  value: Scalars['String']['input'];
};

export type LabelInput = {
  name: Scalars['String']['input'];
  value: Scalars['String']['input'];
};

export type DatasetReferenceInput = {
  name: Scalars['String']['input'];
  uri?: InputMaybe<Scalars['String']['input']>;
  digest?: InputMaybe<Scalars['String']['input']>;
};

export type SetAliasInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  alias: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  /** When given, the alias moves only if it points at this version now; 0 stands for no version. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
};

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

export type ModelFormat =
  | 'ONNX';

export type Model = {
  namespace: Scalars['String']['output'];
  name: Scalars['String']['output'];
  description: Maybe<Scalars['String']['output']>;
  labels: Array<Label>;
  createdAt: Scalars['DateTime']['output'];
  /** Newest first. */
  versions: VersionConnection;
  latestVersion: Maybe<ModelVersion>;
  aliases: Array<Alias>;
};


export type ModelVersionsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type ModelVersion = {
  namespace: Scalars['String']['output'];
  model: Scalars['String']['output'];
  version: Scalars['Int']['output'];
  createdAt: Scalars['DateTime']['output'];
  description: Maybe<Scalars['String']['output']>;
  metrics: Array<Metric>;
  parameters: Array<Parameter>;
  labels: Array<Label>;
  trainingData: Array<DatasetReference>;
  sourceCommit: Maybe<Scalars['String']['output']>;
  parents: Array<Scalars['Int']['output']>;
  inputs: Array<TensorSpec>;
  outputs: Array<TensorSpec>;
  variants: Array<Variant>;
  /** Aliases that point at this version now. */
  aliases: Array<Scalars['String']['output']>;
  /** `slipway://<namespace>/<model>/<version>` */
  uri: Scalars['String']['output'];
};

export type Variant = {
  target: HardwareTarget;
  precision: Precision;
  format: ModelFormat;
  producer: Scalars['String']['output'];
  opsets: Array<Opset>;
  files: Array<ModelFile>;
};

export type Opset = {
  domain: Scalars['String']['output'];
  version: Scalars['Int']['output'];
};

export type ModelFile = {
  path: Scalars['String']['output'];
  digest: Scalars['String']['output'];
  sizeBytes: Scalars['SafeInt']['output'];
  /** Where the bytes can be downloaded, relative to the registry's base URL. */
  downloadPath: Scalars['String']['output'];
};

export type TensorSpec = {
  name: Scalars['String']['output'];
  /** A datatype of the Open Inference Protocol. */
  datatype: Scalars['String']['output'];
  /** -1 stands for an axis whose size the request chooses. */
  shape: Array<Scalars['Int']['output']>;
};

export type Metric = {
  name: Scalars['String']['output'];
  value: Scalars['Float']['output'];
};

export type Parameter = {
  name: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Label = {
  name: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type DatasetReference = {
  name: Scalars['String']['output'];
  uri: Maybe<Scalars['String']['output']>;
  digest: Maybe<Scalars['String']['output']>;
};

export type VersionDraft = {
  id: Scalars['ID']['output'];
  namespace: Scalars['String']['output'];
  model: Scalars['String']['output'];
  createdAt: Scalars['DateTime']['output'];
  files: Array<DraftFile>;
  /** The version that the draft became; null until it is finalised. */
  version: Maybe<ModelVersion>;
};

export type DraftFile = {
  path: Scalars['String']['output'];
  digest: Scalars['String']['output'];
  sizeBytes: Scalars['SafeInt']['output'];
  /** Whether the registry holds the bytes already, from this draft or any other version. */
  isUploaded: Scalars['Boolean']['output'];
  /** Where to PUT the bytes, relative to the registry's base URL. */
  uploadPath: Scalars['String']['output'];
};

export type Alias = {
  alias: Scalars['String']['output'];
  version: Scalars['Int']['output'];
  updatedAt: Scalars['DateTime']['output'];
};

export type PageInfo = {
  hasNextPage: Scalars['Boolean']['output'];
  endCursor: Maybe<Scalars['String']['output']>;
};

export type ModelConnection = {
  nodes: Array<Model>;
  pageInfo: PageInfo;
};

export type VersionConnection = {
  nodes: Array<ModelVersion>;
  totalCount: Scalars['Int']['output'];
  pageInfo: PageInfo;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CreateModelInput: CreateModelInput;
  CreateVersionInput: CreateVersionInput;
  VariantInput: VariantInput;
  ModelFileInput: ModelFileInput;
  MetricInput: MetricInput;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ParameterInput: ParameterInput;
  LabelInput: LabelInput;
  DatasetReferenceInput: DatasetReferenceInput;
  SetAliasInput: SetAliasInput;
  HardwareTarget: HardwareTarget;
  Precision: Precision;
  ModelFormat: ModelFormat;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Model: ResolverTypeWrapper<Model>;
  ModelVersion: ResolverTypeWrapper<ModelVersion>;
  Variant: ResolverTypeWrapper<Variant>;
  Opset: ResolverTypeWrapper<Opset>;
  ModelFile: ResolverTypeWrapper<ModelFile>;
  TensorSpec: ResolverTypeWrapper<TensorSpec>;
  Metric: ResolverTypeWrapper<Metric>;
  Parameter: ResolverTypeWrapper<Parameter>;
  Label: ResolverTypeWrapper<Label>;
  DatasetReference: ResolverTypeWrapper<DatasetReference>;
  VersionDraft: ResolverTypeWrapper<VersionDraft>;
  DraftFile: ResolverTypeWrapper<DraftFile>;
  Alias: ResolverTypeWrapper<Alias>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  ModelConnection: ResolverTypeWrapper<ModelConnection>;
  VersionConnection: ResolverTypeWrapper<VersionConnection>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  Mutation: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Boolean: Scalars['Boolean']['output'];
  CreateModelInput: CreateModelInput;
  CreateVersionInput: CreateVersionInput;
  VariantInput: VariantInput;
  ModelFileInput: ModelFileInput;
  MetricInput: MetricInput;
  Float: Scalars['Float']['output'];
  ParameterInput: ParameterInput;
  LabelInput: LabelInput;
  DatasetReferenceInput: DatasetReferenceInput;
  SetAliasInput: SetAliasInput;
  SafeInt: Scalars['SafeInt']['output'];
  DateTime: Scalars['DateTime']['output'];
  Model: Model;
  ModelVersion: ModelVersion;
  Variant: Variant;
  Opset: Opset;
  ModelFile: ModelFile;
  TensorSpec: TensorSpec;
  Metric: Metric;
  Parameter: Parameter;
  Label: Label;
  DatasetReference: DatasetReference;
  VersionDraft: VersionDraft;
  DraftFile: DraftFile;
  Alias: Alias;
  PageInfo: PageInfo;
  ModelConnection: ModelConnection;
  VersionConnection: VersionConnection;
};

export type QueryResolvers<ContextType = any, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  model?: Resolver<Maybe<ResolversTypes['Model']>, ParentType, ContextType, RequireFields<QueryModelArgs, 'namespace' | 'name'>>;
  models?: Resolver<ResolversTypes['ModelConnection'], ParentType, ContextType, RequireFields<QueryModelsArgs, 'namespace' | 'first'>>;
  version?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType, RequireFields<QueryVersionArgs, 'namespace' | 'model'>>;
};

export type MutationResolvers<ContextType = any, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createModel?: Resolver<ResolversTypes['Model'], ParentType, ContextType, RequireFields<MutationCreateModelArgs, 'input'>>;
  createVersion?: Resolver<ResolversTypes['VersionDraft'], ParentType, ContextType, RequireFields<MutationCreateVersionArgs, 'input'>>;
  finalizeVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationFinalizeVersionArgs, 'namespace' | 'model' | 'draftId'>>;
  setAlias?: Resolver<ResolversTypes['Alias'], ParentType, ContextType, RequireFields<MutationSetAliasArgs, 'input'>>;
  deleteAlias?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationDeleteAliasArgs, 'namespace' | 'model' | 'alias'>>;
};

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type ModelResolvers<ContextType = any, ParentType extends ResolversParentTypes['Model'] = ResolversParentTypes['Model']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<Array<ResolversTypes['Label']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  versions?: Resolver<ResolversTypes['VersionConnection'], ParentType, ContextType, RequireFields<ModelVersionsArgs, 'first'>>;
  latestVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  aliases?: Resolver<Array<ResolversTypes['Alias']>, ParentType, ContextType>;
};

export type ModelVersionResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  metrics?: Resolver<Array<ResolversTypes['Metric']>, ParentType, ContextType>;
  parameters?: Resolver<Array<ResolversTypes['Parameter']>, ParentType, ContextType>;
  labels?: Resolver<Array<ResolversTypes['Label']>, ParentType, ContextType>;
  trainingData?: Resolver<Array<ResolversTypes['DatasetReference']>, ParentType, ContextType>;
  sourceCommit?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  parents?: Resolver<Array<ResolversTypes['Int']>, ParentType, ContextType>;
  inputs?: Resolver<Array<ResolversTypes['TensorSpec']>, ParentType, ContextType>;
  outputs?: Resolver<Array<ResolversTypes['TensorSpec']>, ParentType, ContextType>;
  variants?: Resolver<Array<ResolversTypes['Variant']>, ParentType, ContextType>;
  aliases?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type VariantResolvers<ContextType = any, ParentType extends ResolversParentTypes['Variant'] = ResolversParentTypes['Variant']> = {
  target?: Resolver<ResolversTypes['HardwareTarget'], ParentType, ContextType>;
  precision?: Resolver<ResolversTypes['Precision'], ParentType, ContextType>;
  format?: Resolver<ResolversTypes['ModelFormat'], ParentType, ContextType>;
  producer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  opsets?: Resolver<Array<ResolversTypes['Opset']>, ParentType, ContextType>;
  files?: Resolver<Array<ResolversTypes['ModelFile']>, ParentType, ContextType>;
};

export type OpsetResolvers<ContextType = any, ParentType extends ResolversParentTypes['Opset'] = ResolversParentTypes['Opset']> = {
  domain?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ModelFileResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelFile'] = ResolversParentTypes['ModelFile']> = {
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  downloadPath?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type TensorSpecResolvers<ContextType = any, ParentType extends ResolversParentTypes['TensorSpec'] = ResolversParentTypes['TensorSpec']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  datatype?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  shape?: Resolver<Array<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type MetricResolvers<ContextType = any, ParentType extends ResolversParentTypes['Metric'] = ResolversParentTypes['Metric']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type ParameterResolvers<ContextType = any, ParentType extends ResolversParentTypes['Parameter'] = ResolversParentTypes['Parameter']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LabelResolvers<ContextType = any, ParentType extends ResolversParentTypes['Label'] = ResolversParentTypes['Label']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DatasetReferenceResolvers<ContextType = any, ParentType extends ResolversParentTypes['DatasetReference'] = ResolversParentTypes['DatasetReference']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uri?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  digest?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type VersionDraftResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionDraft'] = ResolversParentTypes['VersionDraft']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  files?: Resolver<Array<ResolversTypes['DraftFile']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
};

export type DraftFileResolvers<ContextType = any, ParentType extends ResolversParentTypes['DraftFile'] = ResolversParentTypes['DraftFile']> = {
  path?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  isUploaded?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  uploadPath?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AliasResolvers<ContextType = any, ParentType extends ResolversParentTypes['Alias'] = ResolversParentTypes['Alias']> = {
  alias?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = any, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ModelConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelConnection'] = ResolversParentTypes['ModelConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Model']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type VersionConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionConnection'] = ResolversParentTypes['VersionConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type Resolvers<ContextType = any> = {
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  SafeInt?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  Model?: ModelResolvers<ContextType>;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  Variant?: VariantResolvers<ContextType>;
  Opset?: OpsetResolvers<ContextType>;
  ModelFile?: ModelFileResolvers<ContextType>;
  TensorSpec?: TensorSpecResolvers<ContextType>;
  Metric?: MetricResolvers<ContextType>;
  Parameter?: ParameterResolvers<ContextType>;
  Label?: LabelResolvers<ContextType>;
  DatasetReference?: DatasetReferenceResolvers<ContextType>;
  VersionDraft?: VersionDraftResolvers<ContextType>;
  DraftFile?: DraftFileResolvers<ContextType>;
  Alias?: AliasResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  ModelConnection?: ModelConnectionResolvers<ContextType>;
  VersionConnection?: VersionConnectionResolvers<ContextType>;
};

