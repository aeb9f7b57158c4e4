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
  /** An integer of up to 2^53 - 1. */
  SafeInt: { input: number; output: number; }
  /** An instant in ISO 8601, UTC. */
  DateTime: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/**
 * The controller's public contract: what its REST interface and its event streams tell, in GraphQL. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md) and `retryable`.
 */
export type Query = {
  /** One deployment; null when it does not exist. */
  deployment: Maybe<DeploymentStatus>;
  /** Deployments by namespace and name, at most 200 at once. Without a namespace, those of all namespaces. */
  deployments: DeploymentConnection;
  /** The plugins that this controller and the gateways attached to it run. */
  plugins: Array<Plugin>;
  /** What each of the gateways attached to this controller can run models with. */
  runtimes: Array<GatewayRuntimes>;
};


/**
 * The controller's public contract: what its REST interface and its event streams tell, in GraphQL. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md) and `retryable`.
 */
export type QueryDeploymentArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};


/**
 * The controller's public contract: what its REST interface and its event streams tell, in GraphQL. Names follow libs/domain/README.md.
 *
 * Failures are GraphQL errors whose `extensions` hold `code` (see docs/reference/errors.md) and `retryable`.
 */
export type QueryDeploymentsArgs = {
  namespace?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** Code of others that a program runs. */
export type Plugin = {
  program: PluginProgram;
  /** Of the gateway that runs it; null for the controller's own. */
  gatewayId: Maybe<Scalars['String']['output']>;
  name: Scalars['String']['output'];
  /** Semantic version, as the plugin says. */
  version: Scalars['String']['output'];
  kind: PluginKind;
  /** SHA-256 of its folder. */
  digest: Scalars['String']['output'];
  state: PluginState;
  /** Worker threads. */
  instances: Scalars['Int']['output'];
  /** Calls that were answered, well or with an error, since the program started. */
  calls: Scalars['SafeInt']['output'];
  /** Calls that it threw at, hung in or answered wrongly. */
  failures: Scalars['SafeInt']['output'];
  /** Workers that ended before they were told to. */
  losses: Scalars['SafeInt']['output'];
  /** What went wrong last; null while nothing has. */
  lastError: Maybe<Scalars['String']['output']>;
  lastErrorAt: Maybe<Scalars['DateTime']['output']>;
};

export type PluginProgram =
  | 'controller'
  | 'gateway';

export type PluginKind =
  | 'preprocessor'
  | 'postprocessor'
  | 'gate'
  | 'authSource';

export type PluginState =
  /** No worker of it is ready yet. */
  | 'starting'
  | 'ready'
  /** Its workers were lost, and are being replaced. */
  | 'restarting'
  /** Too many workers were lost in a row: calls are refused until one that is tried now and then is ready. */
  | 'failed'
  | 'stopped';

/** What a gateway can run models with, found out when it started. */
export type GatewayRuntimes = {
  gatewayId: Scalars['String']['output'];
  runtimes: Array<Runtime>;
  /** Hardware targets that the runtime in use knows of. */
  targets: Array<RuntimeTarget>;
  devices: Array<Device>;
};

/** A runtime that a gateway has, or could have. */
export type Runtime = {
  name: Scalars['String']['output'];
  /** Whether the gateway's models run in it. */
  isUsed: Scalars['Boolean']['output'];
  /** Of ONNX Runtime, or of the plugin; null where it was not looked for. */
  version: Maybe<Scalars['String']['output']>;
  /** Path of the library of ONNX Runtime, or of AscendCL; null for a runtime that is not used, or brings its own. */
  library: Maybe<Scalars['String']['output']>;
  /** Why it cannot be used; null when it can. */
  problem: Maybe<Scalars['String']['output']>;
  /** Of a plugin: the variants that it runs, in words; empty for what is none. */
  serves: Array<Scalars['String']['output']>;
};

export type RuntimeTarget = {
  /** As variants name it. */
  target: Scalars['String']['output'];
  /** Why variants for it cannot be run; null when they can. */
  problem: Maybe<Scalars['String']['output']>;
};

/** A device that models can run on. */
export type Device = {
  /** Of the variants that run on it. */
  target: Scalars['String']['output'];
  /** `cpu`, `gpu` or `npu`. */
  kind: Scalars['String']['output'];
  name: Scalars['String']['output'];
  /** Null where it cannot be told. */
  memoryBytes: Maybe<Scalars['SafeInt']['output']>;
  /** Null where it cannot be told. */
  driver: Maybe<Scalars['String']['output']>;
};

export type Mutation = {
  /** Takes the candidate over its present step, or over every step that is left. A failing gate still rolls it back. */
  promote: DeploymentStatus;
  /** Ends the present step without waiting for what it waits for. */
  skip: DeploymentStatus;
  /** Rolls the candidate back now. */
  abort: DeploymentStatus;
  /** Tries again what was rolled back, while Git still asks for it. */
  retry: DeploymentStatus;
};


export type MutationPromoteArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
  full: Scalars['Boolean']['input'];
};


export type MutationSkipArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};


export type MutationAbortArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};


export type MutationRetryArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};

export type Subscription = {
  /**
   * The state of a deployment now, after every change, and while counts grow: at most one in 50 ms, the newest. A deployment that does not
   * exist yet is waited for.
   */
  deploymentChanged: DeploymentStatus;
};


export type SubscriptionDeploymentChangedArgs = {
  namespace: Scalars['String']['input'];
  name: Scalars['String']['input'];
};

/** A page of deployments. */
export type DeploymentConnection = {
  edges: Array<DeploymentEdge>;
  nodes: Array<DeploymentStatus>;
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

export type DeploymentEdge = {
  node: DeploymentStatus;
  cursor: Scalars['String']['output'];
};

export type PageInfo = {
  hasNextPage: Scalars['Boolean']['output'];
  endCursor: Maybe<Scalars['String']['output']>;
};

/** What the controller knows of one deployment. */
export type DeploymentStatus = {
  namespace: Scalars['String']['output'];
  name: Scalars['String']['output'];
  phase: DeploymentPhase;
  /** The phase in one sentence, with its reason. */
  message: Scalars['String']['output'];
  /** Why nothing is due now: what a rollout waits for, or what a rejected specification needs. */
  note: Maybe<Scalars['String']['output']>;
  /** What Git says; null while no valid manifest was ever seen. */
  desired: Maybe<DesiredVersion>;
  stable: Maybe<ServedVersionStatus>;
  candidate: Maybe<CandidateStatus>;
  /** The versions that are served to requests that name them; null where the manifest has no `versionPolicy`. */
  pinned: Maybe<Array<PinnedVersionStatus>>;
  lastRollout: Maybe<RolloutResult>;
  /** The newest 100, oldest first; `last` of them when it is given. */
  events: Array<DeploymentEvent>;
};


/** What the controller knows of one deployment. */
export type DeploymentStatusEventsArgs = {
  last?: InputMaybe<Scalars['Int']['input']>;
};

export type DeploymentPhase =
  /** No version was ready yet. */
  | 'Pending'
  /** A candidate is loading or walks its steps. */
  | 'Progressing'
  /** A candidate waits in a pause step. */
  | 'Paused'
  /** The desired version answers everything. */
  | 'Healthy'
  /** Stable answers everything because the desired version was rejected. */
  | 'RolledBack'
  /** The desired version cannot be served. */
  | 'Failed';

export type DesiredVersion = {
  model: Scalars['String']['output'];
  /** 0 for an ensemble. */
  version: Scalars['Int']['output'];
  /** Which variants may serve, the preferred one first; null where the manifest names none. */
  variants: Maybe<Array<Scalars['String']['output']>>;
  /** The alias that named the version when the commit was taken. */
  alias: Maybe<Scalars['String']['output']>;
  commit: Scalars['String']['output'];
  specHash: Scalars['String']['output'];
};

export type ServedVersionStatus = {
  version: Scalars['Int']['output'];
  /** Which variants may serve, the preferred one first; null where the manifest names none. */
  variants: Maybe<Array<Scalars['String']['output']>>;
  /** The commit that asked for it. */
  commit: Scalars['String']['output'];
  /** Whether every attached gateway has it loaded. */
  isReady: Scalars['Boolean']['output'];
};

export type CandidateStatus = {
  version: Scalars['Int']['output'];
  /** Which variants may serve, the preferred one first; null where the manifest names none. */
  variants: Maybe<Array<Scalars['String']['output']>>;
  rolloutId: Scalars['String']['output'];
  commit: Scalars['String']['output'];
  isReady: Scalars['Boolean']['output'];
  strategy: RolloutStrategy;
  /** Percent of the randomly split traffic. */
  weightPercent: Scalars['Int']['output'];
  /** Percent of stable's requests of which the candidate gets a copy. */
  mirrorPercent: Scalars['Int']['output'];
  /** From 0; equal to stepCount when the last step is done. */
  stepIndex: Scalars['Int']['output'];
  stepCount: Scalars['Int']['output'];
  /** The present step in words. */
  step: Scalars['String']['output'];
  steps: Array<StepStatus>;
  /** Null before the first and after the last step. */
  stepTimer: Maybe<StepTimer>;
  /** Candidate requests of this rollout, all gateways. */
  requests: Scalars['SafeInt']['output'];
  serverErrors: Scalars['SafeInt']['output'];
  startedAt: Scalars['DateTime']['output'];
  traffic: RolloutTraffic;
  /** Every gate's verdict now, in the order of the manifest. */
  gates: Array<GateStatus>;
};

export type RolloutStrategy =
  | 'canary'
  | 'blueGreen'
  | 'shadow'
  | 'experiment'
  | 'allAtOnce';

export type StepStatus = {
  /** The step in words. */
  text: Scalars['String']['output'];
  state: StepState;
};

export type StepState =
  | 'done'
  | 'present'
  | 'ahead';

/** How far the present step is. It ends when all hold that is given, and for a person's word where nothing is. */
export type StepTimer = {
  enteredAt: Scalars['DateTime']['output'];
  /** How long it lasts at least, in milliseconds. */
  forMs: Maybe<Scalars['SafeInt']['output']>;
  endsAt: Maybe<Scalars['DateTime']['output']>;
  /** Requests, or copies of them in a mirror step, since it was entered. */
  requests: Maybe<Scalars['SafeInt']['output']>;
  minRequests: Maybe<Scalars['SafeInt']['output']>;
};

export type RolloutTraffic = {
  candidate: VersionTraffic;
  stable: VersionTraffic;
};

/** Totals of one version over the randomly split traffic of the rollout. */
export type VersionTraffic = {
  requests: Scalars['SafeInt']['output'];
  /** Those that failed for the server's reasons, seen by the client or not. */
  serverErrors: Scalars['SafeInt']['output'];
  errorRate: Maybe<RateEstimate>;
  /** Those of them that stable answered instead. */
  fallbacks: Maybe<Scalars['SafeInt']['output']>;
  /** Null while no gate measures it. */
  latencyMs: Maybe<LatencyQuantiles>;
  mirrored: Maybe<MirroredTraffic>;
};

/** A share of requests, 0 to 1, and its 95 % Wilson score interval. */
export type RateEstimate = {
  rate: Scalars['Float']['output'];
  low: Scalars['Float']['output'];
  high: Scalars['Float']['output'];
};

/** Milliseconds from receipt to answer, to 1 %. */
export type LatencyQuantiles = {
  p50: Scalars['Float']['output'];
  p95: Scalars['Float']['output'];
  p99: Scalars['Float']['output'];
};

/** Copies of stable's requests that were put to the candidate. */
export type MirroredTraffic = {
  requests: Scalars['SafeInt']['output'];
  serverErrors: Scalars['SafeInt']['output'];
  /** Answers that were compared with stable's. */
  compared: Scalars['SafeInt']['output'];
  /** Those of them that differ in an output that is watched, counted once per output. */
  disagreements: Scalars['SafeInt']['output'];
  /** Copies that were not made because there was no room for them. */
  shed: Scalars['SafeInt']['output'];
};

export type GateStatus = {
  /** Names the gate within its rollout: `error-rate`, `output-drift/label`, `latency#2`. */
  key: Scalars['String']['output'];
  verdict: GateVerdict;
  /** The verdict in words and numbers. */
  reason: Scalars['String']['output'];
  /** What would make it decide, in words and numbers. */
  decides: Scalars['String']['output'];
  /** Null for gates that ask somebody else. */
  evidence: Maybe<GateCounts>;
};

export type GateVerdict =
  | 'pass'
  | 'fail'
  /** Too little known to promote on. */
  | 'inconclusive'
  /** Stable is no better, or somebody who was asked wants to wait: nothing goes on and nothing is rolled back. */
  | 'frozen';

/** The numbers behind a verdict. */
export type GateCounts = {
  /** Of the candidate, as far as the gate counts them. */
  requests: Scalars['SafeInt']['output'];
  /** Those of them that speak against it: failures, slow answers, disagreements. */
  events: Scalars['SafeInt']['output'];
  stableRequests: Scalars['SafeInt']['output'];
  stableEvents: Scalars['SafeInt']['output'];
  /** Tolerated share of events; of a drift gate its limit. */
  max: Scalars['Float']['output'];
  /** Probability of rejecting, at any time, a candidate within `max`. */
  alpha: Scalars['Float']['output'];
  /** log10 of the e-value against `max`. */
  log10Absolute: Scalars['Float']['output'];
  /** log10 of the e-value against stable; null when stable was within `max`. */
  log10Relative: Maybe<Scalars['Float']['output']>;
  /** Evidence at which it fails, -log10(alpha). */
  log10Needed: Scalars['Float']['output'];
  /** Further numbers by name. */
  details: Maybe<Scalars['JSON']['output']>;
};

export type PinnedVersionStatus = {
  version: Scalars['Int']['output'];
  state: PinnedVersionState;
  /** Why it cannot be loaded. */
  error: Maybe<Scalars['String']['output']>;
};

export type PinnedVersionState =
  | 'loading'
  | 'ready'
  /** Out of memory until it is asked for. */
  | 'sleeping'
  | 'failed';

export type RolloutResult = {
  rolloutId: Scalars['String']['output'];
  version: Scalars['Int']['output'];
  /** Which variants may serve, the preferred one first; null where the manifest names none. */
  variants: Maybe<Array<Scalars['String']['output']>>;
  commit: Scalars['String']['output'];
  outcome: RolloutOutcome;
  reason: Scalars['String']['output'];
  startedAt: Scalars['DateTime']['output'];
  endedAt: Scalars['DateTime']['output'];
  evidence: Maybe<GateEvidence>;
  writeBack: Maybe<WriteBack>;
};

export type RolloutOutcome =
  | 'promoted'
  | 'rolledBack'
  | 'aborted'
  | 'superseded'
  | 'failed';

/** The numbers that a gate decided on. */
export type GateEvidence = {
  gate: Scalars['String']['output'];
  requests: Scalars['SafeInt']['output'];
  serverErrors: Scalars['SafeInt']['output'];
  stableRequests: Scalars['SafeInt']['output'];
  stableServerErrors: Scalars['SafeInt']['output'];
  max: Scalars['Float']['output'];
  alpha: Scalars['Float']['output'];
  log10Absolute: Scalars['Float']['output'];
  log10Relative: Maybe<Scalars['Float']['output']>;
  firstErrorAt: Maybe<Scalars['DateTime']['output']>;
  decidedAt: Scalars['DateTime']['output'];
  /** From the first candidate error to the decision. */
  detectionMs: Maybe<Scalars['SafeInt']['output']>;
  lastError: Maybe<Scalars['String']['output']>;
};

export type WriteBack = {
  state: WriteBackState;
  commit: Maybe<Scalars['String']['output']>;
  message: Maybe<Scalars['String']['output']>;
};

export type WriteBackState =
  | 'pending'
  | 'committed'
  | 'abandoned'
  | 'off';

export type DeploymentEvent = {
  /** Grows by one per deployment. */
  id: Scalars['SafeInt']['output'];
  at: Scalars['DateTime']['output'];
  severity: EventSeverity;
  /** A word for machines. */
  code: Scalars['String']['output'];
  message: Scalars['String']['output'];
  commit: Maybe<Scalars['String']['output']>;
  version: Maybe<Scalars['Int']['output']>;
  /** Who asked for it; null where nobody did, or access is open to all. */
  actor: Maybe<Scalars['String']['output']>;
};

export type EventSeverity =
  | 'info'
  | 'warning'
  | 'error';



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
  Plugin: ResolverTypeWrapper<Plugin>;
  PluginProgram: PluginProgram;
  PluginKind: PluginKind;
  PluginState: PluginState;
  GatewayRuntimes: ResolverTypeWrapper<GatewayRuntimes>;
  Runtime: ResolverTypeWrapper<Runtime>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  RuntimeTarget: ResolverTypeWrapper<RuntimeTarget>;
  Device: ResolverTypeWrapper<Device>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  DeploymentConnection: ResolverTypeWrapper<DeploymentConnection>;
  DeploymentEdge: ResolverTypeWrapper<DeploymentEdge>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  DeploymentStatus: ResolverTypeWrapper<DeploymentStatus>;
  DeploymentPhase: DeploymentPhase;
  DesiredVersion: ResolverTypeWrapper<DesiredVersion>;
  ServedVersionStatus: ResolverTypeWrapper<ServedVersionStatus>;
  CandidateStatus: ResolverTypeWrapper<CandidateStatus>;
  RolloutStrategy: RolloutStrategy;
  StepStatus: ResolverTypeWrapper<StepStatus>;
  StepState: StepState;
  StepTimer: ResolverTypeWrapper<StepTimer>;
  RolloutTraffic: ResolverTypeWrapper<RolloutTraffic>;
  VersionTraffic: ResolverTypeWrapper<VersionTraffic>;
  RateEstimate: ResolverTypeWrapper<RateEstimate>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  LatencyQuantiles: ResolverTypeWrapper<LatencyQuantiles>;
  MirroredTraffic: ResolverTypeWrapper<MirroredTraffic>;
  GateStatus: ResolverTypeWrapper<GateStatus>;
  GateVerdict: GateVerdict;
  GateCounts: ResolverTypeWrapper<GateCounts>;
  PinnedVersionStatus: ResolverTypeWrapper<PinnedVersionStatus>;
  PinnedVersionState: PinnedVersionState;
  RolloutResult: ResolverTypeWrapper<RolloutResult>;
  RolloutOutcome: RolloutOutcome;
  GateEvidence: ResolverTypeWrapper<GateEvidence>;
  WriteBack: ResolverTypeWrapper<WriteBack>;
  WriteBackState: WriteBackState;
  DeploymentEvent: ResolverTypeWrapper<DeploymentEvent>;
  EventSeverity: EventSeverity;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  Plugin: Plugin;
  GatewayRuntimes: GatewayRuntimes;
  Runtime: Runtime;
  Boolean: Scalars['Boolean']['output'];
  RuntimeTarget: RuntimeTarget;
  Device: Device;
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  DeploymentConnection: DeploymentConnection;
  DeploymentEdge: DeploymentEdge;
  PageInfo: PageInfo;
  DeploymentStatus: DeploymentStatus;
  DesiredVersion: DesiredVersion;
  ServedVersionStatus: ServedVersionStatus;
  CandidateStatus: CandidateStatus;
  StepStatus: StepStatus;
  StepTimer: StepTimer;
  RolloutTraffic: RolloutTraffic;
  VersionTraffic: VersionTraffic;
  RateEstimate: RateEstimate;
  Float: Scalars['Float']['output'];
  LatencyQuantiles: LatencyQuantiles;
  MirroredTraffic: MirroredTraffic;
  GateStatus: GateStatus;
  GateCounts: GateCounts;
  PinnedVersionStatus: PinnedVersionStatus;
  RolloutResult: RolloutResult;
  GateEvidence: GateEvidence;
  WriteBack: WriteBack;
  DeploymentEvent: DeploymentEvent;
  SafeInt: Scalars['SafeInt']['output'];
  DateTime: Scalars['DateTime']['output'];
  JSON: Scalars['JSON']['output'];
};

export type QueryResolvers<ContextType = any, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  deployment?: Resolver<Maybe<ResolversTypes['DeploymentStatus']>, ParentType, ContextType, RequireFields<QueryDeploymentArgs, 'namespace' | 'name'>>;
  deployments?: Resolver<ResolversTypes['DeploymentConnection'], ParentType, ContextType, RequireFields<QueryDeploymentsArgs, 'first'>>;
  plugins?: Resolver<Array<ResolversTypes['Plugin']>, ParentType, ContextType>;
  runtimes?: Resolver<Array<ResolversTypes['GatewayRuntimes']>, ParentType, ContextType>;
};

export type PluginResolvers<ContextType = any, ParentType extends ResolversParentTypes['Plugin'] = ResolversParentTypes['Plugin']> = {
  program?: Resolver<ResolversTypes['PluginProgram'], ParentType, ContextType>;
  gatewayId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['PluginKind'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['PluginState'], ParentType, ContextType>;
  instances?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  failures?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  losses?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastErrorAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type GatewayRuntimesResolvers<ContextType = any, ParentType extends ResolversParentTypes['GatewayRuntimes'] = ResolversParentTypes['GatewayRuntimes']> = {
  gatewayId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  runtimes?: Resolver<Array<ResolversTypes['Runtime']>, ParentType, ContextType>;
  targets?: Resolver<Array<ResolversTypes['RuntimeTarget']>, ParentType, ContextType>;
  devices?: Resolver<Array<ResolversTypes['Device']>, ParentType, ContextType>;
};

export type RuntimeResolvers<ContextType = any, ParentType extends ResolversParentTypes['Runtime'] = ResolversParentTypes['Runtime']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  isUsed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  library?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  problem?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  serves?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RuntimeTargetResolvers<ContextType = any, ParentType extends ResolversParentTypes['RuntimeTarget'] = ResolversParentTypes['RuntimeTarget']> = {
  target?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  problem?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = any, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device']> = {
  target?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  memoryBytes?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  driver?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = any, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  promote?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType, RequireFields<MutationPromoteArgs, 'namespace' | 'name' | 'full'>>;
  skip?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType, RequireFields<MutationSkipArgs, 'namespace' | 'name'>>;
  abort?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType, RequireFields<MutationAbortArgs, 'namespace' | 'name'>>;
  retry?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType, RequireFields<MutationRetryArgs, 'namespace' | 'name'>>;
};

export type SubscriptionResolvers<ContextType = any, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  deploymentChanged?: SubscriptionResolver<ResolversTypes['DeploymentStatus'], "deploymentChanged", ParentType, ContextType, RequireFields<SubscriptionDeploymentChangedArgs, 'namespace' | 'name'>>;
};

export type DeploymentConnectionResolvers<ContextType = any, ParentType extends ResolversParentTypes['DeploymentConnection'] = ResolversParentTypes['DeploymentConnection']> = {
  edges?: Resolver<Array<ResolversTypes['DeploymentEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['DeploymentStatus']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DeploymentEdgeResolvers<ContextType = any, ParentType extends ResolversParentTypes['DeploymentEdge'] = ResolversParentTypes['DeploymentEdge']> = {
  node?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = any, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DeploymentStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['DeploymentStatus'] = ResolversParentTypes['DeploymentStatus']> = {
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['DeploymentPhase'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  note?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  desired?: Resolver<Maybe<ResolversTypes['DesiredVersion']>, ParentType, ContextType>;
  stable?: Resolver<Maybe<ResolversTypes['ServedVersionStatus']>, ParentType, ContextType>;
  candidate?: Resolver<Maybe<ResolversTypes['CandidateStatus']>, ParentType, ContextType>;
  pinned?: Resolver<Maybe<Array<ResolversTypes['PinnedVersionStatus']>>, ParentType, ContextType>;
  lastRollout?: Resolver<Maybe<ResolversTypes['RolloutResult']>, ParentType, ContextType>;
  events?: Resolver<Array<ResolversTypes['DeploymentEvent']>, ParentType, ContextType, Partial<DeploymentStatusEventsArgs>>;
};

export type DesiredVersionResolvers<ContextType = any, ParentType extends ResolversParentTypes['DesiredVersion'] = ResolversParentTypes['DesiredVersion']> = {
  model?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variants?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  alias?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  commit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  specHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ServedVersionStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['ServedVersionStatus'] = ResolversParentTypes['ServedVersionStatus']> = {
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variants?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  commit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  isReady?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type CandidateStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['CandidateStatus'] = ResolversParentTypes['CandidateStatus']> = {
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variants?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  rolloutId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  commit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  isReady?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  strategy?: Resolver<ResolversTypes['RolloutStrategy'], ParentType, ContextType>;
  weightPercent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  mirrorPercent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stepIndex?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stepCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  step?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  steps?: Resolver<Array<ResolversTypes['StepStatus']>, ParentType, ContextType>;
  stepTimer?: Resolver<Maybe<ResolversTypes['StepTimer']>, ParentType, ContextType>;
  requests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  serverErrors?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  traffic?: Resolver<ResolversTypes['RolloutTraffic'], ParentType, ContextType>;
  gates?: Resolver<Array<ResolversTypes['GateStatus']>, ParentType, ContextType>;
};

export type StepStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['StepStatus'] = ResolversParentTypes['StepStatus']> = {
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['StepState'], ParentType, ContextType>;
};

export type StepTimerResolvers<ContextType = any, ParentType extends ResolversParentTypes['StepTimer'] = ResolversParentTypes['StepTimer']> = {
  enteredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  forMs?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  endsAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  requests?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  minRequests?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type RolloutTrafficResolvers<ContextType = any, ParentType extends ResolversParentTypes['RolloutTraffic'] = ResolversParentTypes['RolloutTraffic']> = {
  candidate?: Resolver<ResolversTypes['VersionTraffic'], ParentType, ContextType>;
  stable?: Resolver<ResolversTypes['VersionTraffic'], ParentType, ContextType>;
};

export type VersionTrafficResolvers<ContextType = any, ParentType extends ResolversParentTypes['VersionTraffic'] = ResolversParentTypes['VersionTraffic']> = {
  requests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  serverErrors?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  errorRate?: Resolver<Maybe<ResolversTypes['RateEstimate']>, ParentType, ContextType>;
  fallbacks?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  latencyMs?: Resolver<Maybe<ResolversTypes['LatencyQuantiles']>, ParentType, ContextType>;
  mirrored?: Resolver<Maybe<ResolversTypes['MirroredTraffic']>, ParentType, ContextType>;
};

export type RateEstimateResolvers<ContextType = any, ParentType extends ResolversParentTypes['RateEstimate'] = ResolversParentTypes['RateEstimate']> = {
  rate?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  low?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  high?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type LatencyQuantilesResolvers<ContextType = any, ParentType extends ResolversParentTypes['LatencyQuantiles'] = ResolversParentTypes['LatencyQuantiles']> = {
  p50?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  p95?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  p99?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type MirroredTrafficResolvers<ContextType = any, ParentType extends ResolversParentTypes['MirroredTraffic'] = ResolversParentTypes['MirroredTraffic']> = {
  requests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  serverErrors?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  compared?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  disagreements?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  shed?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type GateStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['GateStatus'] = ResolversParentTypes['GateStatus']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  verdict?: Resolver<ResolversTypes['GateVerdict'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  decides?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  evidence?: Resolver<Maybe<ResolversTypes['GateCounts']>, ParentType, ContextType>;
};

export type GateCountsResolvers<ContextType = any, ParentType extends ResolversParentTypes['GateCounts'] = ResolversParentTypes['GateCounts']> = {
  requests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  events?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stableRequests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stableEvents?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  max?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  alpha?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  log10Absolute?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  log10Relative?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  log10Needed?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  details?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
};

export type PinnedVersionStatusResolvers<ContextType = any, ParentType extends ResolversParentTypes['PinnedVersionStatus'] = ResolversParentTypes['PinnedVersionStatus']> = {
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['PinnedVersionState'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RolloutResultResolvers<ContextType = any, ParentType extends ResolversParentTypes['RolloutResult'] = ResolversParentTypes['RolloutResult']> = {
  rolloutId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  variants?: Resolver<Maybe<Array<ResolversTypes['String']>>, ParentType, ContextType>;
  commit?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['RolloutOutcome'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  endedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  evidence?: Resolver<Maybe<ResolversTypes['GateEvidence']>, ParentType, ContextType>;
  writeBack?: Resolver<Maybe<ResolversTypes['WriteBack']>, ParentType, ContextType>;
};

export type GateEvidenceResolvers<ContextType = any, ParentType extends ResolversParentTypes['GateEvidence'] = ResolversParentTypes['GateEvidence']> = {
  gate?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  serverErrors?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stableRequests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  stableServerErrors?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  max?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  alpha?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  log10Absolute?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  log10Relative?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  firstErrorAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  decidedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  detectionMs?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type WriteBackResolvers<ContextType = any, ParentType extends ResolversParentTypes['WriteBack'] = ResolversParentTypes['WriteBack']> = {
  state?: Resolver<ResolversTypes['WriteBackState'], ParentType, ContextType>;
  commit?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type DeploymentEventResolvers<ContextType = any, ParentType extends ResolversParentTypes['DeploymentEvent'] = ResolversParentTypes['DeploymentEvent']> = {
  id?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  severity?: Resolver<ResolversTypes['EventSeverity'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  commit?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  actor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type Resolvers<ContextType = any> = {
  Query?: QueryResolvers<ContextType>;
  Plugin?: PluginResolvers<ContextType>;
  GatewayRuntimes?: GatewayRuntimesResolvers<ContextType>;
  Runtime?: RuntimeResolvers<ContextType>;
  RuntimeTarget?: RuntimeTargetResolvers<ContextType>;
  Device?: DeviceResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  DeploymentConnection?: DeploymentConnectionResolvers<ContextType>;
  DeploymentEdge?: DeploymentEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  DeploymentStatus?: DeploymentStatusResolvers<ContextType>;
  DesiredVersion?: DesiredVersionResolvers<ContextType>;
  ServedVersionStatus?: ServedVersionStatusResolvers<ContextType>;
  CandidateStatus?: CandidateStatusResolvers<ContextType>;
  StepStatus?: StepStatusResolvers<ContextType>;
  StepTimer?: StepTimerResolvers<ContextType>;
  RolloutTraffic?: RolloutTrafficResolvers<ContextType>;
  VersionTraffic?: VersionTrafficResolvers<ContextType>;
  RateEstimate?: RateEstimateResolvers<ContextType>;
  LatencyQuantiles?: LatencyQuantilesResolvers<ContextType>;
  MirroredTraffic?: MirroredTrafficResolvers<ContextType>;
  GateStatus?: GateStatusResolvers<ContextType>;
  GateCounts?: GateCountsResolvers<ContextType>;
  PinnedVersionStatus?: PinnedVersionStatusResolvers<ContextType>;
  RolloutResult?: RolloutResultResolvers<ContextType>;
  GateEvidence?: GateEvidenceResolvers<ContextType>;
  WriteBack?: WriteBackResolvers<ContextType>;
  DeploymentEvent?: DeploymentEventResolvers<ContextType>;
  SafeInt?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
};

