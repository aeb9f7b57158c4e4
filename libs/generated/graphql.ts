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
  /**
   * The format of a variant's files. Slipway knows ONNX, OM, TENSORRT_PLAN, OPENVINO_IR, TORCHSCRIPT, PYTORCH, SAVEDMODEL, SAFETENSORS, GGUF, SKLEARN,
   * XGBOOST, LIGHTGBM, MLFLOW and OTHER. Any other word of lower-case letters, digits and inner hyphens names a format that a plugin of a gateway
   * may run. All but ONNX are stored, versioned and given out as they are. In requests case makes no difference.
   */
  ModelFormat: { input: string; output: string; }
  /** An integer of up to 2^53 - 1, as a JSON number. */
  SafeInt: { input: number; output: number; }
  /** An instant in ISO 8601, UTC. */
  DateTime: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type Query = {
  /** One namespace; null when it does not exist. */
  namespace: Maybe<Namespace>;
  /** Namespaces, by name. */
  namespaces: NamespaceConnection;
  /** One model; null when it does not exist. */
  model: Maybe<Model>;
  /** Models, by name unless `orderBy` says otherwise. Without a namespace, those of all namespaces. */
  models: ModelConnection;
  /** One version; null when it does not exist. Exactly one of `version` and `alias` must be given. */
  version: Maybe<ModelVersion>;
  /**
   * Versions, newest first unless `orderBy` says otherwise. Without a model those of all models, without a namespace those of all
   * namespaces. Withdrawn versions are left out unless the filter names `tombstoned`.
   */
  versions: VersionConnection;
  /** What happened, newest first. */
  events: EventConnection;
  /** Who the registry takes the caller for. */
  caller: Caller;
  /** Which policies decide, and why newer ones do not. */
  policyStatus: PolicyStatus;
  /** The plugins that this registry runs. The controller tells of its own, and of those of the gateways. */
  plugins: Array<Plugin>;
  /**
   * Whether somebody may do something, and why, as the operation itself would decide now. To ask about the caller needs no permission; about
   * others, and about other circumstances than those of this request, needs `policy.read`.
   */
  access: AccessAnswer;
  /** All that somebody may do now: the caller without any permission, others with `policy.read`. With a namespace: to the things in it. */
  permissions: Array<Permission>;
  /**
   * What policies would change of the decisions that all programs have made lately; it needs `policy.read`. Nothing is put in force. The files
   * are all policies that there would be, unless `keepOthers` keeps those in force of other names beside them.
   */
  dryRunPolicies: PolicyDryRun;
  /** API keys, the newest first, at most 200 at once: the caller's own, or everybody's. */
  apiKeys: ApiKeyConnection;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryNamespaceArgs = {
  name: Scalars['String']['input'];
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryNamespacesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
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
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryModelsArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<Scalars['String']['input']>;
  where?: InputMaybe<ModelFilter>;
  search?: InputMaybe<Scalars['String']['input']>;
  orderBy?: InputMaybe<OrderInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryVersionArgs = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version?: InputMaybe<Scalars['Int']['input']>;
  alias?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryVersionsArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  model?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<Scalars['String']['input']>;
  where?: InputMaybe<VersionFilter>;
  search?: InputMaybe<Scalars['String']['input']>;
  orderBy?: InputMaybe<OrderInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryEventsArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  model?: InputMaybe<Scalars['String']['input']>;
  version?: InputMaybe<Scalars['Int']['input']>;
  actions?: InputMaybe<Array<EventAction>>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryAccessArgs = {
  input: AccessQuestionInput;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryPermissionsArgs = {
  principal?: InputMaybe<PrincipalInput>;
  namespace?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryDryRunPoliciesArgs = {
  files: Array<PolicyFileInput>;
  keepOthers: Scalars['Boolean']['input'];
};


/**
 * The registry's public contract. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md), `retryable`, and `field`: the path
 * of the offending input where there is one.
 *
 * Lists are connections as Relay defines them: `first` and `after`, or `last` and `before`, at most 200 entries at once. A cursor
 * stays good while entries come and go around it, and on every replica.
 *
 * Filters are written as text, `metrics.accuracy > 0.9 AND labels.team = "fraud"`, or as typed inputs; both mean the same, and when
 * both are given both must hold. docs/reference/filters.md has the grammar and the fields.
 */
export type QueryApiKeysArgs = {
  ofEverybody: Scalars['Boolean']['input'];
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['ID']['input']>;
};

export type Mutation = {
  /** Creates a namespace. Repeating it with the same properties returns the existing one. */
  createNamespace: Namespace;
  /** Changes what is given of a namespace and leaves the rest. */
  updateNamespace: Namespace;
  /** Creates a model. Repeating it with the same properties returns the existing model. */
  createModel: Model;
  /** Changes what is given of a model and leaves the rest; labels are replaced as a whole. */
  updateModel: Model;
  /**
   * Declares a new version: its metadata, variants and files. Returns a draft and where to send each missing file.
   * The same idempotency key always means the same draft, and so the same version.
   */
  createVersion: VersionDraft;
  /** Turns a draft into the model's next version, after every file was uploaded and read. Repeating it returns the same version. */
  finalizeVersion: ModelVersion;
  /** Points an alias at a version, creating it when it is new. */
  setAlias: Alias;
  /** Removes an alias and keeps its history. Returns false when there was none. */
  deleteAlias: Scalars['Boolean']['output'];
  /**
   * Asks for another stage. The version enters it at once, or waits for `decideStage` when the namespace demands an approval.
   * Versions go forward one stage at a time, back freely, and to the archive from anywhere.
   */
  requestStage: ModelVersion;
  /** Approves or rejects the stage that waits. Nobody approves their own request. */
  decideStage: ModelVersion;
  /** Tells people not to use a version any more, or takes that back. It can still be served. */
  deprecateVersion: ModelVersion;
  /**
   * Withdraws a version: it can no longer be deployed, and its files are removed after a grace period. Refused while an alias points
   * at it or a deployment uses it. Its number and metadata stay.
   */
  tombstoneVersion: ModelVersion;
  /** Takes a withdrawal back, while the files are still there. */
  restoreVersion: ModelVersion;
  /**
   * Removes bytes that no version and no registration refers to. They are condemned first and removed a grace period later, so that one
   * call never removes what became unused just now.
   */
  collectGarbage: GarbageReport;
  /** Sets annotations; a null value removes one. */
  annotateVersion: ModelVersion;
  /**
   * Attaches a signature to a version. It must be a bundle of OpenSSF Model Signing v1.0 whose files are precisely those of the version, and,
   * where the registry knows signers, made by one who may sign for the model. The same bundle again changes nothing.
   */
  signVersion: ModelVersion;
  /**
   * Makes an API key for the caller, or for a program. It can do no more than its owner; for a program, only somebody makes one who may do
   * all that the program may. The key itself is in this answer and nowhere else.
   */
  createApiKey: NewApiKey;
  /** Revokes an API key; every program knows it within seconds. Repeating it changes nothing. */
  revokeApiKey: ApiKey;
};


export type MutationCreateNamespaceArgs = {
  input: CreateNamespaceInput;
};


export type MutationUpdateNamespaceArgs = {
  input: UpdateNamespaceInput;
};


export type MutationCreateModelArgs = {
  input: CreateModelInput;
};


export type MutationUpdateModelArgs = {
  input: UpdateModelInput;
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


export type MutationRequestStageArgs = {
  input: RequestStageInput;
};


export type MutationDecideStageArgs = {
  input: DecideStageInput;
};


export type MutationDeprecateVersionArgs = {
  input: DeprecateVersionInput;
};


export type MutationTombstoneVersionArgs = {
  input: VersionRemarkInput;
};


export type MutationRestoreVersionArgs = {
  input: VersionRemarkInput;
};


export type MutationCollectGarbageArgs = {
  dryRun: Scalars['Boolean']['input'];
};


export type MutationAnnotateVersionArgs = {
  input: AnnotateVersionInput;
};


export type MutationSignVersionArgs = {
  input: SignVersionInput;
};


export type MutationCreateApiKeyArgs = {
  input: CreateApiKeyInput;
};


export type MutationRevokeApiKeyArgs = {
  id: Scalars['ID']['input'];
};

export type Subscription = {
  /** Events as they become known to this replica, in the log's order. */
  events: RegistryEvent;
  /** Versions as they are registered. */
  versionRegistered: ModelVersion;
  /** Aliases as they are set, moved or removed. */
  aliasChanged: Alias;
  /** Rollouts as their journals in the bucket change; the present state of each comes first. */
  rolloutChanged: RolloutStatus;
};


export type SubscriptionEventsArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  model?: InputMaybe<Scalars['String']['input']>;
  actions?: InputMaybe<Array<EventAction>>;
};


export type SubscriptionVersionRegisteredArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  model?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionAliasChangedArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  model?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionRolloutChangedArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  deployment?: InputMaybe<Scalars['String']['input']>;
};

/** Code of others that the registry runs: it tells whom a credential names. */
export type Plugin = {
  name: Scalars['String']['output'];
  /** Semantic version, as the plugin says. */
  version: Scalars['String']['output'];
  /** SHA-256 of its folder. */
  digest: Scalars['String']['output'];
  state: PluginState;
  /** Worker threads. */
  instances: Scalars['Int']['output'];
  /** Calls that were answered, well or with an error, since the registry started. */
  calls: Scalars['SafeInt']['output'];
  /** Calls that it threw at, hung in or answered wrongly. */
  failures: Scalars['SafeInt']['output'];
  /** Workers that ended before they were told to. */
  losses: Scalars['SafeInt']['output'];
  /** What went wrong last; null while nothing has. */
  lastError: Maybe<Scalars['String']['output']>;
  lastErrorAt: Maybe<Scalars['DateTime']['output']>;
};

export type PluginState =
  /** No worker of it is ready yet. */
  | 'STARTING'
  | 'READY'
  /** Its workers were lost, and are being replaced. */
  | 'RESTARTING'
  /** Too many workers were lost in a row: calls are refused until one that is tried now and then is ready. */
  | 'FAILED'
  | 'STOPPED';

export type CallerKind =
  /** A person, or whatever else an identity provider vouches for. */
  | 'USER'
  /** A program, known by its certificate or by its API key. */
  | 'WORKLOAD'
  | 'ANONYMOUS';

/** Who asks. */
export type Caller = {
  kind: CallerKind;
  name: Scalars['String']['output'];
  groups: Array<Scalars['String']['output']>;
  /** When the credential ends; null when it does not by itself. */
  validUntil: Maybe<Scalars['DateTime']['output']>;
};

/** The policies of this registry. */
export type PolicyStatus = {
  /** The commit whose policies are in force; null when there are none. */
  inForce: Maybe<Scalars['String']['output']>;
  /** A newer commit whose policies cannot be taken; null when there is none such. */
  refused: Maybe<Scalars['String']['output']>;
  /** What is wrong with those, each with its file. */
  problems: Array<Scalars['String']['output']>;
};

/** Somebody, as policies see them. */
export type PrincipalInput = {
  kind: CallerKind;
  /** The name; it is not needed for ANONYMOUS. */
  id?: InputMaybe<Scalars['String']['input']>;
  groups: Array<Scalars['String']['input']>;
  /** Claims of the token; one that is given several times has several values. */
  attributes: Array<LabelInput>;
  /** How they show who they are: `token`, `apiKey`, `certificate` or `none`. Without it: users by token, programs by API key. */
  credential?: InputMaybe<Scalars['String']['input']>;
};

/** Something that could be done to something. */
export type AccessQuestionInput = {
  /** Such as `version.read`; docs/reference/access.md lists them. */
  action: Scalars['String']['input'];
  /** A part of the action, such as `metrics`; without one, whether it can be done at all. */
  field?: InputMaybe<Scalars['String']['input']>;
  /**
   * What it would be done to, by its name in the registry: `<namespace>`, `<namespace>/<model>`, `<namespace>/<model>@<version or alias>` or
   * `<namespace>/<deployment>`, as the action demands. What the caller may not see is not found.
   */
  resource?: InputMaybe<Scalars['String']['input']>;
  /** What it would be done to, by attributes, whether or not there is such a thing: `namespace`, `owner`, `labels.tier`. */
  attributes?: InputMaybe<Array<LabelInput>>;
  /** Who would do it; without one: the caller. */
  principal?: InputMaybe<PrincipalInput>;
  /** When it would be done; without one: now. */
  at?: InputMaybe<Scalars['DateTime']['input']>;
  /** The address that it would come from; without one: that of this request, and of others that it is not known. */
  address?: InputMaybe<Scalars['String']['input']>;
};

export type RuleEffect =
  | 'ALLOW'
  | 'DENY';

/** A rule about the one who would act and the action. */
export type ConsideredRule = {
  /** Where it stands, such as `team/bindings[0]: publisher`. */
  rule: Scalars['String']['output'];
  effect: RuleEffect;
  isMatch: Scalars['Boolean']['output'];
  /** Which test failed; null for a rule that fits. */
  failed: Maybe<Scalars['String']['output']>;
};

/** Whether somebody may do something, and why. */
export type AccessAnswer = {
  isAllowed: Scalars['Boolean']['output'];
  /** Who it is about, in words. */
  principal: Scalars['String']['output'];
  /** What it would be done to, in words. */
  resource: Scalars['String']['output'];
  /** The action that was decided on: the one that was asked for, or the one by which the thing is seen, without which nothing is done to it. */
  decided: Scalars['String']['output'];
  /** The rule that decided; null when none allowed it. */
  rule: Maybe<Scalars['String']['output']>;
  /** Why, in a sentence. */
  reason: Scalars['String']['output'];
  /**
   * The rules about them and the action: those that fit, then the others with the test that failed. Denials that do not fit are told only to
   * those who may read the policies.
   */
  considered: Array<ConsideredRule>;
};

/** Something that somebody may do by one rule. */
export type Permission = {
  action: Scalars['String']['output'];
  /** The kind of thing that it is done to. */
  resource: Scalars['String']['output'];
  /** The parts that it is for; null: all of it. */
  fields: Maybe<Array<Scalars['String']['output']>>;
  /** What must hold of the thing, in words; none: it may be any. */
  conditions: Array<Scalars['String']['output']>;
  /** Whether rules deny it for some things; which, only a question about the thing tells. */
  isNarrowed: Scalars['Boolean']['output'];
  rule: Scalars['String']['output'];
};

/** A file with policies. */
export type PolicyFileInput = {
  /** As messages are to name it. */
  path: Scalars['String']['input'];
  text: Scalars['String']['input'];
};

/** What policies would change. */
export type PolicyDryRun = {
  /** What is wrong with them, each with its file and line; where there is anything, nothing was compared. */
  problems: Array<Scalars['String']['output']>;
  /** Decisions that would be others, those that were made last first; at most 200. */
  changes: Array<DecisionChange>;
  /** All of them, those about things included that the caller may not see. */
  totalChanges: Scalars['Int']['output'];
  /** Those about things that the caller may not see. */
  hiddenChanges: Scalars['Int']['output'];
  /** Decisions that were compared; each counts once, however often it was made. */
  compared: Scalars['Int']['output'];
  /** When the oldest of them was made first; null when none are known. */
  since: Maybe<Scalars['DateTime']['output']>;
};

/** A decision that would be another one. */
export type DecisionChange = {
  /** Who asked, in words. */
  principal: Scalars['String']['output'];
  action: Scalars['String']['output'];
  field: Maybe<Scalars['String']['output']>;
  /** What it was done to, in words; null for a list of all such things. */
  resource: Maybe<Scalars['String']['output']>;
  before: DecisionOutcome;
  after: DecisionOutcome;
  /** How often it was asked. */
  count: Scalars['SafeInt']['output'];
  firstAt: Scalars['DateTime']['output'];
  lastAt: Scalars['DateTime']['output'];
  /** Where it came from the last time; null when that is not known. */
  address: Maybe<Scalars['String']['output']>;
};

export type DecisionOutcome = {
  isAllowed: Scalars['Boolean']['output'];
  /** The rule that decides; null when none allows it. */
  rule: Maybe<Scalars['String']['output']>;
  /** Of a list: `all`, `some` or `none` of it is shown. */
  shown: Maybe<Scalars['String']['output']>;
};

export type CreateApiKeyInput = {
  /** What the key is for, at most 200 characters. */
  description: Scalars['String']['input'];
  /** From 1 to 366. */
  lifetimeDays: Scalars['Int']['input'];
  /** Actions such as `version.read`, those of a noun as `version.*`. Without any: all that its owner may do. */
  actions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Without any: every namespace. */
  namespaces?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The name of a program that the key is for; without one it is for the caller. */
  workload?: InputMaybe<Scalars['String']['input']>;
};

/** An API key. The key itself is kept nowhere. */
export type ApiKey = {
  id: Scalars['ID']['output'];
  description: Scalars['String']['output'];
  ownerKind: CallerKind;
  owner: Scalars['String']['output'];
  /** Actions that it is for, of those that its owner may do. */
  actions: Array<Scalars['String']['output']>;
  /** Null: every namespace. */
  namespaces: Maybe<Array<Scalars['String']['output']>>;
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  expiresAt: Scalars['DateTime']['output'];
  revokedAt: Maybe<Scalars['DateTime']['output']>;
  revokedBy: Maybe<Scalars['String']['output']>;
};

/** A key that was made just now. */
export type NewApiKey = {
  /** To be sent as `authorization: Bearer <key>`. It is shown this once. */
  key: Scalars['String']['output'];
  apiKey: ApiKey;
};

export type ApiKeyConnection = {
  nodes: Array<ApiKey>;
  pageInfo: PageInfo;
};

export type CreateNamespaceInput = {
  name: Scalars['String']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['String']['input']>;
  labels: Array<LabelInput>;
  /** Stages that a version enters only when somebody else than the requester has approved it. */
  approvalStages: Array<Stage>;
};

export type UpdateNamespaceInput = {
  name: Scalars['String']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['String']['input']>;
  labels?: InputMaybe<Array<LabelInput>>;
  approvalStages?: InputMaybe<Array<Stage>>;
  /** When given, the change happens only at this revision. */
  expectedRevision?: InputMaybe<Scalars['Int']['input']>;
};

export type CreateModelInput = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  /** A person or team. */
  owner?: InputMaybe<Scalars['String']['input']>;
  /** The model card, in Markdown; at most 100,000 characters. */
  card?: InputMaybe<Scalars['String']['input']>;
  labels: Array<LabelInput>;
};

export type UpdateModelInput = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['String']['input']>;
  card?: InputMaybe<Scalars['String']['input']>;
  labels?: InputMaybe<Array<LabelInput>>;
  /** When given, the change happens only at this revision. */
  expectedRevision?: InputMaybe<Scalars['Int']['input']>;
};

export type CreateVersionInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  /** At most 200 characters, chosen by the client. Without one, every call declares a new version. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Whether to register the version at once when the registry holds every file already; the draft's `version` is it then. */
  finalize: Scalars['Boolean']['input'];
  description?: InputMaybe<Scalars['String']['input']>;
  /** A name beside the number, such as 1.4.0; unique in its model. */
  semanticVersion?: InputMaybe<Scalars['String']['input']>;
  metrics: Array<MetricInput>;
  parameters: Array<ParameterInput>;
  labels: Array<LabelInput>;
  trainingData: Array<DatasetReferenceInput>;
  /** The commit of the training code. */
  sourceCommit?: InputMaybe<Scalars['String']['input']>;
  /** Versions of this model that the new one was derived from. */
  parents: Array<Scalars['Int']['input']>;
  /** Kept where the files' format does not say; else checked against the files. */
  signature?: InputMaybe<SignatureInput>;
  variants: Array<VariantInput>;
};

export type SignatureInput = {
  inputs: Array<TensorSpecInput>;
  outputs: Array<TensorSpecInput>;
};

export type TensorSpecInput = {
  name: Scalars['String']['input'];
  /** A datatype of the Open Inference Protocol. */
  datatype: Scalars['String']['input'];
  /** -1 stands for an axis whose size the request chooses. */
  shape: Array<Scalars['Int']['input']>;
};

export type VariantInput = {
  target: HardwareTarget;
  precision: Precision;
  format: Scalars['ModelFormat']['input'];
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

export type RequestStageInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  stage: Stage;
  reason: Scalars['String']['input'];
};

export type DecideStageInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  isApproved: Scalars['Boolean']['input'];
  reason: Scalars['String']['input'];
};

export type DeprecateVersionInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  isDeprecated: Scalars['Boolean']['input'];
  reason: Scalars['String']['input'];
};

export type VersionRemarkInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  reason: Scalars['String']['input'];
};

export type AnnotateVersionInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  annotations: Array<AnnotationInput>;
};

export type SignVersionInput = {
  namespace: Scalars['String']['input'];
  model: Scalars['String']['input'];
  version: Scalars['Int']['input'];
  /** A Sigstore bundle, v0.3: JSON of at most 128 KiB. */
  bundle: Scalars['String']['input'];
};

export type AnnotationInput = {
  name: Scalars['String']['input'];
  /** Null removes the annotation. */
  value?: InputMaybe<Scalars['String']['input']>;
};

/** Every condition that is given must hold. */
export type ModelFilter = {
  and?: InputMaybe<Array<ModelFilter>>;
  or?: InputMaybe<Array<ModelFilter>>;
  not?: InputMaybe<ModelFilter>;
  name?: InputMaybe<TextCondition>;
  owner?: InputMaybe<TextCondition>;
  description?: InputMaybe<TextCondition>;
  createdAt?: InputMaybe<TextCondition>;
  updatedAt?: InputMaybe<TextCondition>;
  /** How many versions it has. */
  versions?: InputMaybe<NumberCondition>;
  labels?: InputMaybe<Array<TextEntryCondition>>;
};

/** Every condition that is given must hold. */
export type VersionFilter = {
  and?: InputMaybe<Array<VersionFilter>>;
  or?: InputMaybe<Array<VersionFilter>>;
  not?: InputMaybe<VersionFilter>;
  model?: InputMaybe<TextCondition>;
  /** Of the model. */
  owner?: InputMaybe<TextCondition>;
  version?: InputMaybe<NumberCondition>;
  semanticVersion?: InputMaybe<TextCondition>;
  stage?: InputMaybe<Array<Stage>>;
  alias?: InputMaybe<TextCondition>;
  deprecated?: InputMaybe<Scalars['Boolean']['input']>;
  tombstoned?: InputMaybe<Scalars['Boolean']['input']>;
  description?: InputMaybe<TextCondition>;
  sourceCommit?: InputMaybe<TextCondition>;
  createdAt?: InputMaybe<TextCondition>;
  createdBy?: InputMaybe<TextCondition>;
  sizeBytes?: InputMaybe<NumberCondition>;
  target?: InputMaybe<Array<HardwareTarget>>;
  precision?: InputMaybe<Array<Precision>>;
  format?: InputMaybe<Array<Scalars['ModelFormat']['input']>>;
  dataset?: InputMaybe<TextCondition>;
  /** A file's digest. */
  digest?: InputMaybe<TextCondition>;
  parent?: InputMaybe<NumberCondition>;
  metrics?: InputMaybe<Array<NumberEntryCondition>>;
  parameters?: InputMaybe<Array<TextEntryCondition>>;
  labels?: InputMaybe<Array<TextEntryCondition>>;
  annotations?: InputMaybe<Array<TextEntryCondition>>;
};

/** Every comparison that is given must hold; none holds for a field without a value. */
export type TextCondition = {
  eq?: InputMaybe<Scalars['String']['input']>;
  ne?: InputMaybe<Scalars['String']['input']>;
  in?: InputMaybe<Array<Scalars['String']['input']>>;
  /** `%` stands for any text, `_` for one character. */
  like?: InputMaybe<Scalars['String']['input']>;
  lt?: InputMaybe<Scalars['String']['input']>;
  lte?: InputMaybe<Scalars['String']['input']>;
  gt?: InputMaybe<Scalars['String']['input']>;
  gte?: InputMaybe<Scalars['String']['input']>;
};

/** Every comparison that is given must hold; none holds for a field without a value. */
export type NumberCondition = {
  eq?: InputMaybe<Scalars['Float']['input']>;
  ne?: InputMaybe<Scalars['Float']['input']>;
  in?: InputMaybe<Array<Scalars['Float']['input']>>;
  lt?: InputMaybe<Scalars['Float']['input']>;
  lte?: InputMaybe<Scalars['Float']['input']>;
  gt?: InputMaybe<Scalars['Float']['input']>;
  gte?: InputMaybe<Scalars['Float']['input']>;
};

/** A condition on one entry of a map, such as one label. */
export type TextEntryCondition = {
  name: Scalars['String']['input'];
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  value?: InputMaybe<TextCondition>;
};

/** A condition on one entry of a map of numbers, such as one metric. */
export type NumberEntryCondition = {
  name: Scalars['String']['input'];
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  value?: InputMaybe<NumberCondition>;
};

export type OrderInput = {
  /** A field with one value, such as `createdAt`, `version` or `metrics.accuracy`. Entries without a value come last. */
  field: Scalars['String']['input'];
  direction: OrderDirection;
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

export type Namespace = {
  name: Scalars['String']['output'];
  description: Maybe<Scalars['String']['output']>;
  owner: Maybe<Scalars['String']['output']>;
  labels: Array<Label>;
  approvalStages: Array<Stage>;
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  updatedAt: Scalars['DateTime']['output'];
  updatedBy: Scalars['String']['output'];
  revision: Scalars['Int']['output'];
};

export type Model = {
  namespace: Scalars['String']['output'];
  name: Scalars['String']['output'];
  description: Maybe<Scalars['String']['output']>;
  owner: Maybe<Scalars['String']['output']>;
  /** Markdown. */
  card: Maybe<Scalars['String']['output']>;
  labels: Array<Label>;
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  updatedAt: Scalars['DateTime']['output'];
  updatedBy: Scalars['String']['output'];
  revision: Scalars['Int']['output'];
  /** Newest first unless `orderBy` says otherwise. */
  versions: VersionConnection;
  /** The version with the highest number. */
  latestVersion: Maybe<ModelVersion>;
  /** By name. */
  aliases: Array<Alias>;
};


export type ModelVersionsArgs = {
  filter?: InputMaybe<Scalars['String']['input']>;
  where?: InputMaybe<VersionFilter>;
  search?: InputMaybe<Scalars['String']['input']>;
  orderBy?: InputMaybe<OrderInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};

export type ModelVersion = {
  namespace: Scalars['String']['output'];
  model: Scalars['String']['output'];
  version: Scalars['Int']['output'];
  semanticVersion: Maybe<Scalars['String']['output']>;
  createdAt: Scalars['DateTime']['output'];
  createdBy: Scalars['String']['output'];
  description: Maybe<Scalars['String']['output']>;
  /** Null when the caller may not see them; so are the parameters, the annotations and the training data. */
  metrics: Maybe<Array<Metric>>;
  parameters: Maybe<Array<Parameter>>;
  labels: Array<Label>;
  annotations: Maybe<Array<Annotation>>;
  trainingData: Maybe<Array<DatasetReference>>;
  sourceCommit: Maybe<Scalars['String']['output']>;
  parents: Array<Scalars['Int']['output']>;
  inputs: Array<TensorSpec>;
  outputs: Array<TensorSpec>;
  variants: Array<Variant>;
  /** Bytes of all files; a file that several variants share counts once. */
  sizeBytes: Scalars['SafeInt']['output'];
  /** Aliases that point at this version now. */
  aliases: Array<Scalars['String']['output']>;
  stage: Stage;
  pendingStage: Maybe<StageRequest>;
  deprecation: Maybe<Remark>;
  tombstone: Maybe<Remark>;
  /** In the order in which they were attached. */
  signatures: Array<VersionSignature>;
  /** `slipway://<namespace>/<model>/<version>` */
  uri: Scalars['String']['output'];
};

/** A signature that somebody attached to a version. Whoever relies on it checks the bundle with keys of their own. */
export type VersionSignature = {
  /** A Sigstore bundle, with the signature and what it is about as they were given. */
  bundle: Scalars['String']['output'];
  /** SHA-256 of the public key in PEM, as the bundle hints; empty when it does not. */
  keyId: Scalars['String']['output'];
  /** The signer, when this registry knows the key and it may sign for the model. */
  signer: Maybe<Scalars['String']['output']>;
  /** Why there is no signer. */
  problem: Maybe<Scalars['String']['output']>;
  by: Scalars['String']['output'];
  at: Scalars['DateTime']['output'];
};

/** A stage that waits for somebody's approval. */
export type StageRequest = {
  stage: Stage;
  by: Scalars['String']['output'];
  at: Scalars['DateTime']['output'];
  reason: Scalars['String']['output'];
};

/** Who did something, when, and what they said of it. */
export type Remark = {
  by: Scalars['String']['output'];
  at: Scalars['DateTime']['output'];
  reason: Scalars['String']['output'];
};

export type Variant = {
  target: HardwareTarget;
  precision: Precision;
  format: Scalars['ModelFormat']['output'];
  producer: Scalars['String']['output'];
  opsets: Array<Opset>;
  /** Null for formats that are not read. */
  summary: Maybe<VariantSummary>;
  files: Array<ModelFile>;
};

export type VariantSummary = {
  irVersion: Scalars['Int']['output'];
  /** How often each operator stands in the graphs; those of other domains than ai.onnx with their domain before them. */
  operators: Array<OperatorCount>;
  /** Elements of all initializers. */
  parameterCount: Scalars['SafeInt']['output'];
};

export type OperatorCount = {
  name: Scalars['String']['output'];
  count: Scalars['Int']['output'];
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
  /** A request that fetches the bytes from the bucket directly; null when clients have no way to it. */
  directDownload: Maybe<DirectRequest>;
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

export type Annotation = {
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
  /**
   * Where to PUT the bytes, relative to the registry's base URL. For large files: HEAD it for the header `upload-offset`, and PATCH the
   * rest of the bytes there with the same header; an upload that was cut off goes on so.
   */
  uploadPath: Scalars['String']['output'];
  /** A request that brings the bytes to the bucket directly; null when clients have no way to it, or the file is too large for one request. */
  directUpload: Maybe<DirectRequest>;
};

/** A signed request to the bucket. It expires after an hour. */
export type DirectRequest = {
  method: Scalars['String']['output'];
  url: Scalars['String']['output'];
  /** To be sent exactly so: the signature covers them. */
  headers: Array<HttpHeader>;
};

export type HttpHeader = {
  name: Scalars['String']['output'];
  value: Scalars['String']['output'];
};

export type Alias = {
  namespace: Scalars['String']['output'];
  model: Scalars['String']['output'];
  alias: Scalars['String']['output'];
  /** 0 when the alias was removed. */
  version: Scalars['Int']['output'];
  updatedAt: Scalars['DateTime']['output'];
  updatedBy: Scalars['String']['output'];
  revision: Scalars['Int']['output'];
  /** Newest first, the present place included; the latest 100 moves. */
  history: Array<AliasMove>;
};

export type AliasMove = {
  /** 0 for nowhere. */
  version: Scalars['Int']['output'];
  at: Scalars['DateTime']['output'];
  by: Scalars['String']['output'];
};

export type RegistryEvent = {
  id: Scalars['ID']['output'];
  action: EventAction;
  at: Scalars['DateTime']['output'];
  actor: Scalars['String']['output'];
  namespace: Scalars['String']['output'];
  model: Maybe<Scalars['String']['output']>;
  version: Maybe<Scalars['Int']['output']>;
  alias: Maybe<Scalars['String']['output']>;
  /** The record before the change; null when it is new, or when the caller may not see all of it. */
  before: Maybe<Scalars['JSON']['output']>;
  /** The record after it; null when the caller may not see all of it. */
  after: Maybe<Scalars['JSON']['output']>;
};

/** What the journal of a deployment in the bucket says. */
export type RolloutStatus = {
  namespace: Scalars['String']['output'];
  deployment: Scalars['String']['output'];
  /** `progressing` while there is a candidate, `stable` without one, `pending` before the first version is ready. */
  phase: Scalars['String']['output'];
  model: Maybe<Scalars['String']['output']>;
  stableVersion: Maybe<Scalars['Int']['output']>;
  candidateVersion: Maybe<Scalars['Int']['output']>;
  /** Percent of the randomly split traffic that goes to the candidate. */
  weightPercent: Scalars['Int']['output'];
  /** How the rollout before this one ended: `promoted`, `rolledBack`, `aborted`, `superseded` or `failed`. */
  lastOutcome: Maybe<Scalars['String']['output']>;
  lastReason: Maybe<Scalars['String']['output']>;
};

export type GarbageReport = {
  /** Digests that nothing refers to, and that are removed at the end of the grace period unless something comes to. */
  condemned: Array<Scalars['String']['output']>;
  /** Digests that were condemned and are used again. */
  spared: Array<Scalars['String']['output']>;
  removed: Array<Scalars['String']['output']>;
  removedBytes: Scalars['SafeInt']['output'];
  /** Registrations that were not finished in time. */
  abandonedDrafts: Scalars['Int']['output'];
  /** Pieces of uploads that were given up. */
  removedSegments: Scalars['Int']['output'];
};

export type PageInfo = {
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor: Maybe<Scalars['String']['output']>;
  endCursor: Maybe<Scalars['String']['output']>;
};

export type NamespaceConnection = {
  edges: Array<NamespaceEdge>;
  nodes: Array<Namespace>;
  pageInfo: PageInfo;
};

export type NamespaceEdge = {
  cursor: Scalars['String']['output'];
  node: Namespace;
};

export type ModelConnection = {
  edges: Array<ModelEdge>;
  nodes: Array<Model>;
  pageInfo: PageInfo;
  /** Of all pages. Counted only when asked for. */
  totalCount: Scalars['Int']['output'];
};

export type ModelEdge = {
  cursor: Scalars['String']['output'];
  node: Model;
};

export type VersionConnection = {
  edges: Array<VersionEdge>;
  nodes: Array<ModelVersion>;
  pageInfo: PageInfo;
  /** Of all pages. Counted only when asked for. */
  totalCount: Scalars['Int']['output'];
};

export type VersionEdge = {
  cursor: Scalars['String']['output'];
  node: ModelVersion;
};

export type EventConnection = {
  edges: Array<EventEdge>;
  nodes: Array<RegistryEvent>;
  pageInfo: PageInfo;
};

export type EventEdge = {
  cursor: Scalars['String']['output'];
  node: RegistryEvent;
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
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Plugin: ResolverTypeWrapper<Plugin>;
  PluginState: PluginState;
  CallerKind: CallerKind;
  Caller: ResolverTypeWrapper<Caller>;
  PolicyStatus: ResolverTypeWrapper<PolicyStatus>;
  PrincipalInput: PrincipalInput;
  AccessQuestionInput: AccessQuestionInput;
  RuleEffect: RuleEffect;
  ConsideredRule: ResolverTypeWrapper<ConsideredRule>;
  AccessAnswer: ResolverTypeWrapper<AccessAnswer>;
  Permission: ResolverTypeWrapper<Permission>;
  PolicyFileInput: PolicyFileInput;
  PolicyDryRun: ResolverTypeWrapper<PolicyDryRun>;
  DecisionChange: ResolverTypeWrapper<DecisionChange>;
  DecisionOutcome: ResolverTypeWrapper<DecisionOutcome>;
  CreateApiKeyInput: CreateApiKeyInput;
  ApiKey: ResolverTypeWrapper<ApiKey>;
  NewApiKey: ResolverTypeWrapper<NewApiKey>;
  ApiKeyConnection: ResolverTypeWrapper<ApiKeyConnection>;
  CreateNamespaceInput: CreateNamespaceInput;
  UpdateNamespaceInput: UpdateNamespaceInput;
  CreateModelInput: CreateModelInput;
  UpdateModelInput: UpdateModelInput;
  CreateVersionInput: CreateVersionInput;
  SignatureInput: SignatureInput;
  TensorSpecInput: TensorSpecInput;
  VariantInput: VariantInput;
  ModelFileInput: ModelFileInput;
  MetricInput: MetricInput;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ParameterInput: ParameterInput;
  LabelInput: LabelInput;
  DatasetReferenceInput: DatasetReferenceInput;
  SetAliasInput: SetAliasInput;
  RequestStageInput: RequestStageInput;
  DecideStageInput: DecideStageInput;
  DeprecateVersionInput: DeprecateVersionInput;
  VersionRemarkInput: VersionRemarkInput;
  AnnotateVersionInput: AnnotateVersionInput;
  SignVersionInput: SignVersionInput;
  AnnotationInput: AnnotationInput;
  ModelFilter: ModelFilter;
  VersionFilter: VersionFilter;
  TextCondition: TextCondition;
  NumberCondition: NumberCondition;
  TextEntryCondition: TextEntryCondition;
  NumberEntryCondition: NumberEntryCondition;
  OrderInput: OrderInput;
  OrderDirection: OrderDirection;
  HardwareTarget: HardwareTarget;
  Precision: Precision;
  ModelFormat: ResolverTypeWrapper<Scalars['ModelFormat']['output']>;
  Stage: Stage;
  EventAction: EventAction;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Namespace: ResolverTypeWrapper<Namespace>;
  Model: ResolverTypeWrapper<Model>;
  ModelVersion: ResolverTypeWrapper<ModelVersion>;
  VersionSignature: ResolverTypeWrapper<VersionSignature>;
  StageRequest: ResolverTypeWrapper<StageRequest>;
  Remark: ResolverTypeWrapper<Remark>;
  Variant: ResolverTypeWrapper<Variant>;
  VariantSummary: ResolverTypeWrapper<VariantSummary>;
  OperatorCount: ResolverTypeWrapper<OperatorCount>;
  Opset: ResolverTypeWrapper<Opset>;
  ModelFile: ResolverTypeWrapper<ModelFile>;
  TensorSpec: ResolverTypeWrapper<TensorSpec>;
  Metric: ResolverTypeWrapper<Metric>;
  Parameter: ResolverTypeWrapper<Parameter>;
  Label: ResolverTypeWrapper<Label>;
  Annotation: ResolverTypeWrapper<Annotation>;
  DatasetReference: ResolverTypeWrapper<DatasetReference>;
  VersionDraft: ResolverTypeWrapper<VersionDraft>;
  DraftFile: ResolverTypeWrapper<DraftFile>;
  DirectRequest: ResolverTypeWrapper<DirectRequest>;
  HttpHeader: ResolverTypeWrapper<HttpHeader>;
  Alias: ResolverTypeWrapper<Alias>;
  AliasMove: ResolverTypeWrapper<AliasMove>;
  RegistryEvent: ResolverTypeWrapper<RegistryEvent>;
  RolloutStatus: ResolverTypeWrapper<RolloutStatus>;
  GarbageReport: ResolverTypeWrapper<GarbageReport>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  NamespaceConnection: ResolverTypeWrapper<NamespaceConnection>;
  NamespaceEdge: ResolverTypeWrapper<NamespaceEdge>;
  ModelConnection: ResolverTypeWrapper<ModelConnection>;
  ModelEdge: ResolverTypeWrapper<ModelEdge>;
  VersionConnection: ResolverTypeWrapper<VersionConnection>;
  VersionEdge: ResolverTypeWrapper<VersionEdge>;
  EventConnection: ResolverTypeWrapper<EventConnection>;
  EventEdge: ResolverTypeWrapper<EventEdge>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  Boolean: Scalars['Boolean']['output'];
  ID: Scalars['ID']['output'];
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  Plugin: Plugin;
  Caller: Caller;
  PolicyStatus: PolicyStatus;
  PrincipalInput: PrincipalInput;
  AccessQuestionInput: AccessQuestionInput;
  ConsideredRule: ConsideredRule;
  AccessAnswer: AccessAnswer;
  Permission: Permission;
  PolicyFileInput: PolicyFileInput;
  PolicyDryRun: PolicyDryRun;
  DecisionChange: DecisionChange;
  DecisionOutcome: DecisionOutcome;
  CreateApiKeyInput: CreateApiKeyInput;
  ApiKey: ApiKey;
  NewApiKey: NewApiKey;
  ApiKeyConnection: ApiKeyConnection;
  CreateNamespaceInput: CreateNamespaceInput;
  UpdateNamespaceInput: UpdateNamespaceInput;
  CreateModelInput: CreateModelInput;
  UpdateModelInput: UpdateModelInput;
  CreateVersionInput: CreateVersionInput;
  SignatureInput: SignatureInput;
  TensorSpecInput: TensorSpecInput;
  VariantInput: VariantInput;
  ModelFileInput: ModelFileInput;
  MetricInput: MetricInput;
  Float: Scalars['Float']['output'];
  ParameterInput: ParameterInput;
  LabelInput: LabelInput;
  DatasetReferenceInput: DatasetReferenceInput;
  SetAliasInput: SetAliasInput;
  RequestStageInput: RequestStageInput;
  DecideStageInput: DecideStageInput;
  DeprecateVersionInput: DeprecateVersionInput;
  VersionRemarkInput: VersionRemarkInput;
  AnnotateVersionInput: AnnotateVersionInput;
  SignVersionInput: SignVersionInput;
  AnnotationInput: AnnotationInput;
  ModelFilter: ModelFilter;
  VersionFilter: VersionFilter;
  TextCondition: TextCondition;
  NumberCondition: NumberCondition;
  TextEntryCondition: TextEntryCondition;
  NumberEntryCondition: NumberEntryCondition;
  OrderInput: OrderInput;
  ModelFormat: Scalars['ModelFormat']['output'];
  SafeInt: Scalars['SafeInt']['output'];
  DateTime: Scalars['DateTime']['output'];
  JSON: Scalars['JSON']['output'];
  Namespace: Namespace;
  Model: Model;
  ModelVersion: ModelVersion;
  VersionSignature: VersionSignature;
  StageRequest: StageRequest;
  Remark: Remark;
  Variant: Variant;
  VariantSummary: VariantSummary;
  OperatorCount: OperatorCount;
  Opset: Opset;
  ModelFile: ModelFile;
  TensorSpec: TensorSpec;
  Metric: Metric;
  Parameter: Parameter;
  Label: Label;
  Annotation: Annotation;
  DatasetReference: DatasetReference;
  VersionDraft: VersionDraft;
  DraftFile: DraftFile;
  DirectRequest: DirectRequest;
  HttpHeader: HttpHeader;
  Alias: Alias;
  AliasMove: AliasMove;
  RegistryEvent: RegistryEvent;
  RolloutStatus: RolloutStatus;
  GarbageReport: GarbageReport;
  PageInfo: PageInfo;
  NamespaceConnection: NamespaceConnection;
  NamespaceEdge: NamespaceEdge;
  ModelConnection: ModelConnection;
  ModelEdge: ModelEdge;
  VersionConnection: VersionConnection;
  VersionEdge: VersionEdge;
  EventConnection: EventConnection;
  EventEdge: EventEdge;
};

export type QueryResolvers<ContextType = any, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  namespace?: Resolver<Maybe<ResolversTypes['Namespace']>, ParentType, ContextType, RequireFields<QueryNamespaceArgs, 'name'>>;
  namespaces?: Resolver<ResolversTypes['NamespaceConnection'], ParentType, ContextType, Partial<QueryNamespacesArgs>>;
  model?: Resolver<Maybe<ResolversTypes['Model']>, ParentType, ContextType, RequireFields<QueryModelArgs, 'namespace' | 'name'>>;
  models?: Resolver<ResolversTypes['ModelConnection'], ParentType, ContextType, Partial<QueryModelsArgs>>;
  version?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType, RequireFields<QueryVersionArgs, 'namespace' | 'model'>>;
  versions?: Resolver<ResolversTypes['VersionConnection'], ParentType, ContextType, Partial<QueryVersionsArgs>>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<QueryEventsArgs>>;
  caller?: Resolver<ResolversTypes['Caller'], ParentType, ContextType>;
  policyStatus?: Resolver<ResolversTypes['PolicyStatus'], ParentType, ContextType>;
  plugins?: Resolver<Array<ResolversTypes['Plugin']>, ParentType, ContextType>;
  access?: Resolver<ResolversTypes['AccessAnswer'], ParentType, ContextType, RequireFields<QueryAccessArgs, 'input'>>;
  permissions?: Resolver<Array<ResolversTypes['Permission']>, ParentType, ContextType, Partial<QueryPermissionsArgs>>;
  dryRunPolicies?: Resolver<ResolversTypes['PolicyDryRun'], ParentType, ContextType, RequireFields<QueryDryRunPoliciesArgs, 'files' | 'keepOthers'>>;
  apiKeys?: Resolver<ResolversTypes['ApiKeyConnection'], ParentType, ContextType, RequireFields<QueryApiKeysArgs, 'ofEverybody' | 'first'>>;
};

export type MutationResolvers<ContextType = any, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createNamespace?: Resolver<ResolversTypes['Namespace'], ParentType, ContextType, RequireFields<MutationCreateNamespaceArgs, 'input'>>;
  updateNamespace?: Resolver<ResolversTypes['Namespace'], ParentType, ContextType, RequireFields<MutationUpdateNamespaceArgs, 'input'>>;
  createModel?: Resolver<ResolversTypes['Model'], ParentType, ContextType, RequireFields<MutationCreateModelArgs, 'input'>>;
  updateModel?: Resolver<ResolversTypes['Model'], ParentType, ContextType, RequireFields<MutationUpdateModelArgs, 'input'>>;
  createVersion?: Resolver<ResolversTypes['VersionDraft'], ParentType, ContextType, RequireFields<MutationCreateVersionArgs, 'input'>>;
  finalizeVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationFinalizeVersionArgs, 'namespace' | 'model' | 'draftId'>>;
  setAlias?: Resolver<ResolversTypes['Alias'], ParentType, ContextType, RequireFields<MutationSetAliasArgs, 'input'>>;
  deleteAlias?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationDeleteAliasArgs, 'namespace' | 'model' | 'alias'>>;
  requestStage?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationRequestStageArgs, 'input'>>;
  decideStage?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationDecideStageArgs, 'input'>>;
  deprecateVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationDeprecateVersionArgs, 'input'>>;
  tombstoneVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationTombstoneVersionArgs, 'input'>>;
  restoreVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationRestoreVersionArgs, 'input'>>;
  collectGarbage?: Resolver<ResolversTypes['GarbageReport'], ParentType, ContextType, RequireFields<MutationCollectGarbageArgs, 'dryRun'>>;
  annotateVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationAnnotateVersionArgs, 'input'>>;
  signVersion?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType, RequireFields<MutationSignVersionArgs, 'input'>>;
  createApiKey?: Resolver<ResolversTypes['NewApiKey'], ParentType, ContextType, RequireFields<MutationCreateApiKeyArgs, 'input'>>;
  revokeApiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType, RequireFields<MutationRevokeApiKeyArgs, 'id'>>;
};

export type SubscriptionResolvers<ContextType = any, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  events?: SubscriptionResolver<ResolversTypes['RegistryEvent'], "events", ParentType, ContextType, Partial<SubscriptionEventsArgs>>;
  versionRegistered?: SubscriptionResolver<ResolversTypes['ModelVersion'], "versionRegistered", ParentType, ContextType, Partial<SubscriptionVersionRegisteredArgs>>;
  aliasChanged?: SubscriptionResolver<ResolversTypes['Alias'], "aliasChanged", ParentType, ContextType, Partial<SubscriptionAliasChangedArgs>>;
  rolloutChanged?: SubscriptionResolver<ResolversTypes['RolloutStatus'], "rolloutChanged", ParentType, ContextType, Partial<SubscriptionRolloutChangedArgs>>;
};

export type PluginResolvers<ContextType = any, ParentType extends ResolversParentTypes['Plugin'] = ResolversParentTypes['Plugin']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['PluginState'], ParentType, ContextType>;
  instances?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  failures?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  losses?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastErrorAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type CallerResolvers<ContextType = any, ParentType extends ResolversParentTypes['Caller'] = ResolversParentTypes['Caller']> = {
  kind?: Resolver<ResolversTypes['CallerKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  groups?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  validUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type PolicyStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['PolicyStatus'] = ResolversParentTypes['PolicyStatus']> = {
  inForce?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  refused?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  problems?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ConsideredRuleResolvers<ContextType = any, ParentType extends ResolversParentTypes['ConsideredRule'] = ResolversParentTypes['ConsideredRule']> = {
  rule?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  effect?: Resolver<ResolversTypes['RuleEffect'], ParentType, ContextType>;
  isMatch?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  failed?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type AccessAnswerResolvers<ContextType = any, ParentType extends ResolversParentTypes['AccessAnswer'] = ResolversParentTypes['AccessAnswer']> = {
  isAllowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  principal?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  resource?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  decided?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  considered?: Resolver<Array<ResolversTypes['ConsideredRule']>, ParentType, ContextType>;
};

export type PermissionResolvers<ContextType = any, ParentType extends ResolversParentTypes['Permission'] = ResolversParentTypes['Permission']> = {
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  resource?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  fields?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  conditions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  isNarrowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  rule?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PolicyDryRunResolvers<ContextType = any, ParentType extends ResolversParentTypes['PolicyDryRun'] = ResolversParentTypes['PolicyDryRun']> = {
  problems?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  changes?: Resolver<Array<ResolversTypes['DecisionChange']>, ParentType, ContextType>;
  totalChanges?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  hiddenChanges?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  compared?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  since?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type DecisionChangeResolvers<ContextType = any, ParentType extends ResolversParentTypes['DecisionChange'] = ResolversParentTypes['DecisionChange']> = {
  principal?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  resource?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  before?: Resolver<ResolversTypes['DecisionOutcome'], ParentType, ContextType>;
  after?: Resolver<ResolversTypes['DecisionOutcome'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  firstAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  address?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DecisionOutcomeResolvers<ContextType = any, ParentType extends ResolversParentTypes['DecisionOutcome'] = ResolversParentTypes['DecisionOutcome']> = {
  isAllowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  shown?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ApiKeyResolvers<ContextType = any, ParentType extends ResolversParentTypes['ApiKey'] = ResolversParentTypes['ApiKey']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  ownerKind?: Resolver<ResolversTypes['CallerKind'], ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actions?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  namespaces?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  revokedBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type NewApiKeyResolvers<ContextType = any, ParentType extends ResolversParentTypes['NewApiKey'] = ResolversParentTypes['NewApiKey']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  apiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType>;
};

export type ApiKeyConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['ApiKeyConnection'] = ResolversParentTypes['ApiKeyConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['ApiKey']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export interface ModelFormatScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['ModelFormat'], any> {
  name: 'ModelFormat';
}

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type NamespaceResolvers<ContextType = any, ParentType extends ResolversParentTypes['Namespace'] = ResolversParentTypes['Namespace']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  owner?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<Array<ResolversTypes['Label']>, ParentType, ContextType>;
  approvalStages?: Resolver<Array<ResolversTypes['Stage']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ModelResolvers<ContextType = any, ParentType extends ResolversParentTypes['Model'] = ResolversParentTypes['Model']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  owner?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  card?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  labels?: Resolver<Array<ResolversTypes['Label']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  versions?: Resolver<ResolversTypes['VersionConnection'], ParentType, ContextType, Partial<ModelVersionsArgs>>;
  latestVersion?: Resolver<Maybe<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  aliases?: Resolver<Array<ResolversTypes['Alias']>, ParentType, ContextType>;
};

export type ModelVersionResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelVersion'] = ResolversParentTypes['ModelVersion']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  semanticVersion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  metrics?: Resolver<Maybe<Array<ResolversTypes['Metric']>>, ParentType, ContextType>;
  parameters?: Resolver<Maybe<Array<ResolversTypes['Parameter']>>, ParentType, ContextType>;
  labels?: Resolver<Array<ResolversTypes['Label']>, ParentType, ContextType>;
  annotations?: Resolver<Maybe<Array<ResolversTypes['Annotation']>>, ParentType, ContextType>;
  trainingData?: Resolver<Maybe<Array<ResolversTypes['DatasetReference']>>, ParentType, ContextType>;
  sourceCommit?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  parents?: Resolver<Array<ResolversTypes['Int']>, ParentType, ContextType>;
  inputs?: Resolver<Array<ResolversTypes['TensorSpec']>, ParentType, ContextType>;
  outputs?: Resolver<Array<ResolversTypes['TensorSpec']>, ParentType, ContextType>;
  variants?: Resolver<Array<ResolversTypes['Variant']>, ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  aliases?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  stage?: Resolver<ResolversTypes['Stage'], ParentType, ContextType>;
  pendingStage?: Resolver<Maybe<ResolversTypes['StageRequest']>, ParentType, ContextType>;
  deprecation?: Resolver<Maybe<ResolversTypes['Remark']>, ParentType, ContextType>;
  tombstone?: Resolver<Maybe<ResolversTypes['Remark']>, ParentType, ContextType>;
  signatures?: Resolver<Array<ResolversTypes['VersionSignature']>, ParentType, ContextType>;
  uri?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type VersionSignatureResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionSignature'] = ResolversParentTypes['VersionSignature']> = {
  bundle?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  keyId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  signer?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  problem?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type StageRequestResolvers<ContextType = any, ParentType extends ResolversParentTypes['StageRequest'] = ResolversParentTypes['StageRequest']> = {
  stage?: Resolver<ResolversTypes['Stage'], ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RemarkResolvers<ContextType = any, ParentType extends ResolversParentTypes['Remark'] = ResolversParentTypes['Remark']> = {
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type VariantResolvers<ContextType = any, ParentType extends ResolversParentTypes['Variant'] = ResolversParentTypes['Variant']> = {
  target?: Resolver<ResolversTypes['HardwareTarget'], ParentType, ContextType>;
  precision?: Resolver<ResolversTypes['Precision'], ParentType, ContextType>;
  format?: Resolver<ResolversTypes['ModelFormat'], ParentType, ContextType>;
  producer?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  opsets?: Resolver<Array<ResolversTypes['Opset']>, ParentType, ContextType>;
  summary?: Resolver<Maybe<ResolversTypes['VariantSummary']>, ParentType, ContextType>;
  files?: Resolver<Array<ResolversTypes['ModelFile']>, ParentType, ContextType>;
};

export type VariantSummaryResolvers<ContextType = any, ParentType extends ResolversParentTypes['VariantSummary'] = ResolversParentTypes['VariantSummary']> = {
  irVersion?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  operators?: Resolver<Array<ResolversTypes['OperatorCount']>, ParentType, ContextType>;
  parameterCount?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type OperatorCountResolvers<ContextType = any, ParentType extends ResolversParentTypes['OperatorCount'] = ResolversParentTypes['OperatorCount']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
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
  directDownload?: Resolver<Maybe<ResolversTypes['DirectRequest']>, ParentType, ContextType>;
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

export type AnnotationResolvers<ContextType = any, ParentType extends ResolversParentTypes['Annotation'] = ResolversParentTypes['Annotation']> = {
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
  directUpload?: Resolver<Maybe<ResolversTypes['DirectRequest']>, ParentType, ContextType>;
};

export type DirectRequestResolvers<ContextType = any, ParentType extends ResolversParentTypes['DirectRequest'] = ResolversParentTypes['DirectRequest']> = {
  method?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  headers?: Resolver<Array<ResolversTypes['HttpHeader']>, ParentType, ContextType>;
};

export type HttpHeaderResolvers<ContextType = any, ParentType extends ResolversParentTypes['HttpHeader'] = ResolversParentTypes['HttpHeader']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type AliasResolvers<ContextType = any, ParentType extends ResolversParentTypes['Alias'] = ResolversParentTypes['Alias']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  alias?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  history?: Resolver<Array<ResolversTypes['AliasMove']>, ParentType, ContextType>;
};

export type AliasMoveResolvers<ContextType = any, ParentType extends ResolversParentTypes['AliasMove'] = ResolversParentTypes['AliasMove']> = {
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  by?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RegistryEventResolvers<ContextType = any, ParentType extends ResolversParentTypes['RegistryEvent'] = ResolversParentTypes['RegistryEvent']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['EventAction'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  alias?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  before?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  after?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
};

export type RolloutStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['RolloutStatus'] = ResolversParentTypes['RolloutStatus']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  deployment?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  model?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  stableVersion?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  candidateVersion?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  weightPercent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastOutcome?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type GarbageReportResolvers<ContextType = any, ParentType extends ResolversParentTypes['GarbageReport'] = ResolversParentTypes['GarbageReport']> = {
  condemned?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  spared?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  removed?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  removedBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  abandonedDrafts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  removedSegments?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = any, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type NamespaceConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['NamespaceConnection'] = ResolversParentTypes['NamespaceConnection']> = {
  edges?: Resolver<Array<ResolversTypes['NamespaceEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Namespace']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type NamespaceEdgeResolvers<ContextType = any, ParentType extends ResolversParentTypes['NamespaceEdge'] = ResolversParentTypes['NamespaceEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Namespace'], ParentType, ContextType>;
};

export type ModelConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelConnection'] = ResolversParentTypes['ModelConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ModelEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['Model']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ModelEdgeResolvers<ContextType = any, ParentType extends ResolversParentTypes['ModelEdge'] = ResolversParentTypes['ModelEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Model'], ParentType, ContextType>;
};

export type VersionConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionConnection'] = ResolversParentTypes['VersionConnection']> = {
  edges?: Resolver<Array<ResolversTypes['VersionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['ModelVersion']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type VersionEdgeResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionEdge'] = ResolversParentTypes['VersionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ModelVersion'], ParentType, ContextType>;
};

export type EventConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['EventConnection'] = ResolversParentTypes['EventConnection']> = {
  edges?: Resolver<Array<ResolversTypes['EventEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['RegistryEvent']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type EventEdgeResolvers<ContextType = any, ParentType extends ResolversParentTypes['EventEdge'] = ResolversParentTypes['EventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RegistryEvent'], ParentType, ContextType>;
};

export type Resolvers<ContextType = any> = {
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Plugin?: PluginResolvers<ContextType>;
  Caller?: CallerResolvers<ContextType>;
  PolicyStatus?: PolicyStatusResolvers<ContextType>;
  ConsideredRule?: ConsideredRuleResolvers<ContextType>;
  AccessAnswer?: AccessAnswerResolvers<ContextType>;
  Permission?: PermissionResolvers<ContextType>;
  PolicyDryRun?: PolicyDryRunResolvers<ContextType>;
  DecisionChange?: DecisionChangeResolvers<ContextType>;
  DecisionOutcome?: DecisionOutcomeResolvers<ContextType>;
  ApiKey?: ApiKeyResolvers<ContextType>;
  NewApiKey?: NewApiKeyResolvers<ContextType>;
  ApiKeyConnection?: ApiKeyConnectionResolvers<ContextType>;
  ModelFormat?: GraphQLScalarType;
  SafeInt?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
  Namespace?: NamespaceResolvers<ContextType>;
  Model?: ModelResolvers<ContextType>;
  ModelVersion?: ModelVersionResolvers<ContextType>;
  VersionSignature?: VersionSignatureResolvers<ContextType>;
  StageRequest?: StageRequestResolvers<ContextType>;
  Remark?: RemarkResolvers<ContextType>;
  Variant?: VariantResolvers<ContextType>;
  VariantSummary?: VariantSummaryResolvers<ContextType>;
  OperatorCount?: OperatorCountResolvers<ContextType>;
  Opset?: OpsetResolvers<ContextType>;
  ModelFile?: ModelFileResolvers<ContextType>;
  TensorSpec?: TensorSpecResolvers<ContextType>;
  Metric?: MetricResolvers<ContextType>;
  Parameter?: ParameterResolvers<ContextType>;
  Label?: LabelResolvers<ContextType>;
  Annotation?: AnnotationResolvers<ContextType>;
  DatasetReference?: DatasetReferenceResolvers<ContextType>;
  VersionDraft?: VersionDraftResolvers<ContextType>;
  DraftFile?: DraftFileResolvers<ContextType>;
  DirectRequest?: DirectRequestResolvers<ContextType>;
  HttpHeader?: HttpHeaderResolvers<ContextType>;
  Alias?: AliasResolvers<ContextType>;
  AliasMove?: AliasMoveResolvers<ContextType>;
  RegistryEvent?: RegistryEventResolvers<ContextType>;
  RolloutStatus?: RolloutStatusResolvers<ContextType>;
  GarbageReport?: GarbageReportResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  NamespaceConnection?: NamespaceConnectionResolvers<ContextType>;
  NamespaceEdge?: NamespaceEdgeResolvers<ContextType>;
  ModelConnection?: ModelConnectionResolvers<ContextType>;
  ModelEdge?: ModelEdgeResolvers<ContextType>;
  VersionConnection?: VersionConnectionResolvers<ContextType>;
  VersionEdge?: VersionEdgeResolvers<ContextType>;
  EventConnection?: EventConnectionResolvers<ContextType>;
  EventEdge?: EventEdgeResolvers<ContextType>;
};

