import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import type { GraphQLFormattedError } from 'graphql';
import {
  assertAffordable,
  checkedOperations,
  checkOperations,
  dateTimeScalar,
  jsonScalar,
  MAX_TOKENS,
  modelFormatScalar,
  type OperationCheck,
  safeIntScalar,
} from '#adapters/graphql-server';
import { admitSubscriber } from '#adapters/http-access';
import { JsonRecordCodec } from '#adapters/json-schema';
import { ARCHIVE_LAYOUTS, archiveNames, tarOf } from '#adapters/model-export';
import { FormatInspector } from '#adapters/model-format-onnx';
import { readSignersFile } from '#adapters/model-signing';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { SqliteRegistryIndex } from '#adapters/registry-index-sqlite';
import { ObjectStoreJournal } from '#adapters/rollout-journal';
import type { Logger } from '#adapters/telemetry';
import { graphqlErrorFormatter, tellUnavailable } from '#adapters/wire-errors';
import { type Access, type Caller, ExplainAccess, PoliciesInForce } from '#application/access';
import { PluginSet } from '#application/plugin';
import {
  composeRegistry,
  type DirectTransfer,
  type NewDigest,
  type ObjectStore,
  openBucket,
  type Registry,
  RegistryRecords,
} from '#application/registry';
import type { Digest } from '#domain/registry';
import type { Signers } from '#domain/signing';
import { registrySdl } from '#generated/registry-sdl';
import type { RegistryAccess } from './access.module.ts';
import { AccessResolver } from './access.resolver.ts';
import { ApiKeyResolver } from './api-key.resolver.ts';
import type { ArchiveFormat } from './archive-routes.ts';
import type { RegistryConfig } from './config.ts';
import { EventResolver } from './event.resolver.ts';
import { ModelConnectionResolver, ModelResolver } from './model.resolver.ts';
import { NamespaceResolver } from './namespace.resolver.ts';
import { OperationSafelist } from './operation-safelist.ts';
import { PluginResolver } from './plugin.resolver.ts';
import { PolicyResolver } from './policy.resolver.ts';
import { API_KEYS, CHANGE_AUDIT, DIRECT_TRANSFER, DRY_RUN, REGISTRY, SIGNERS } from './registry-token.ts';
import { ACTOR_HEADER, actorOf, type RequestContext } from './request-context.ts';
import { RolloutJournals } from './rollout-journals.ts';
import {
  DraftFileResolver,
  ModelFileResolver,
  VersionConnectionResolver,
  VersionResolver,
} from './version.resolver.ts';

export const GRAPHQL_PATH = '/graphql';

/** Opens the bucket that the settings name. */
export function openObjectStore(config: RegistryConfig): Promise<ObjectStore> {
  return config.store === 'fs' ? FsObjectStore.open(config.storeDir) : S3ObjectStore.open(config);
}

export const archiveFormat: ArchiveFormat = { layouts: ARCHIVE_LAYOUTS, archiveNames, tarOf };

const sha256: NewDigest = () => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `sha256:${hash.digest('hex')}` as Digest,
  };
};

/** The use cases over a bucket, with what must be closed after them. */
export interface OpenedRegistry {
  readonly registry: Registry;
  readonly rollouts: RolloutJournals;
  /** Set where clients may exchange bytes with the bucket themselves. */
  readonly direct: DirectTransfer | undefined;
  /** Whose signatures of versions count. */
  readonly signers: Signers;
  close(): void;
}

/**
 * Opens the registry in a bucket, and the index that belongs to it.
 *
 * @throws INPUT_INVALID when the file of signers cannot be used.
 */
export async function openRegistry(store: ObjectStore, config: RegistryConfig): Promise<OpenedRegistry> {
  const indexPath = config.index;
  const now = () => new Date().toISOString();
  const signers = await readSignersFile(config.signers);
  const records = new RegistryRecords(store, new JsonRecordCodec());
  const bucket = await openBucket(records, randomUUID, now);
  if (indexPath !== ':memory:') mkdirSync(dirname(indexPath), { recursive: true });
  const index = SqliteRegistryIndex.open(indexPath, bucket.id);
  const rollouts = new RolloutJournals(new ObjectStoreJournal(store));
  const registry = composeRegistry({
    store,
    records,
    index,
    inspector: new FormatInspector(),
    usage: rollouts,
    newDigest: sha256,
    grace: {
      blobMs: config.gcGraceSeconds * 1000,
      draftMs: config.draftLifetimeSeconds * 1000,
      tombstoneMs: config.tombstoneGraceSeconds * 1000,
    },
    now,
    randomId: randomUUID,
  });
  return { registry, rollouts, direct: store.direct, signers, close: () => index.close() };
}

/** What holds for every operation, however it comes. */
export interface GraphqlPolicy {
  readonly checks: readonly OperationCheck[];
  readonly safelist: OperationSafelist | undefined;
  readonly formatError: (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError;
  /** For an operation by HTTP, whose sender was let in. @throws NAME_INVALID */
  readonly requestContext: (request: AdmittedRequest) => RequestContext;
  /** For a subscription, whose client says who it is when it connects. @throws UNAUTHENTICATED, NAME_INVALID */
  readonly contextOf: (said: Readonly<Record<string, unknown>>, request: IncomingMessage) => Promise<RequestContext>;
}

/** A request that passed `admitCallers`. */
export interface AdmittedRequest {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
}

/** @throws INPUT_INVALID when the safelist cannot be read. */
export function graphqlPolicyOf(config: RegistryConfig, access: Access, logger: Logger): GraphqlPolicy {
  const safelist = config.safelist === undefined ? undefined : OperationSafelist.read(config.safelist);
  const listed: OperationCheck = (_operation, document) => safelist?.assertListed(document);
  const believed = (said: unknown) => (access.isOpen ? said : undefined);
  return {
    checks: [listed, assertAffordable],
    safelist,
    formatError: graphqlErrorFormatter(logger),
    requestContext: ({ caller, headers }) => {
      return { caller, callerNow: () => caller, actor: actorOf(caller, believed(headers[ACTOR_HEADER])) };
    },
    contextOf: async (said, request) => {
      const subscriber = await admitSubscriber(access.control, said, request);
      return { ...subscriber, actor: actorOf(subscriber.caller, believed(said[ACTOR_HEADER])) };
    },
  };
}

/** Wires the registry's use cases to GraphQL. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest prescribes for dynamic modules
export class RegistryModule {
  static forRegistry(
    { registry, rollouts, direct, signers }: OpenedRegistry,
    policy: GraphqlPolicy,
    {
      keys,
      policies,
      explain,
      changes,
      dryRun,
      plugins,
    }: Pick<RegistryAccess, 'keys' | 'policies' | 'explain' | 'changes' | 'dryRun' | 'plugins'>,
  ): DynamicModule {
    return {
      module: RegistryModule,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path: GRAPHQL_PATH,
          typeDefs: registrySdl,
          resolvers: {
            SafeInt: safeIntScalar,
            DateTime: dateTimeScalar,
            JSON: jsonScalar,
            ModelFormat: modelFormatScalar,
          },
          graphiql: false,
          introspection: true,
          parseOptions: { maxTokens: MAX_TOKENS },
          documentStore: checkedOperations(),
          plugins: [checkOperations(policy.checks), tellUnavailable],
          ...(policy.safelist === undefined ? {} : { persistedQueries: { cache: policy.safelist, ttl: null } }),
          context: policy.requestContext,
          formatError: policy.formatError,
          includeStacktraceInErrorResponses: false,
          // Or what is unavailable would have status 200.
          preserveHttpStatusForExecutionErrors: false,
        }),
      ],
      providers: [
        NamespaceResolver,
        ModelResolver,
        ModelConnectionResolver,
        VersionResolver,
        VersionConnectionResolver,
        ModelFileResolver,
        DraftFileResolver,
        EventResolver,
        ApiKeyResolver,
        PolicyResolver,
        AccessResolver,
        PluginResolver,
        { provide: API_KEYS, useValue: keys },
        { provide: CHANGE_AUDIT, useValue: changes },
        { provide: PluginSet, useValue: plugins },
        { provide: PoliciesInForce, useValue: policies },
        { provide: ExplainAccess, useValue: explain },
        { provide: DRY_RUN, useValue: dryRun },
        { provide: REGISTRY, useValue: registry },
        { provide: RolloutJournals, useValue: rollouts },
        { provide: SIGNERS, useValue: signers },
        { provide: DIRECT_TRANSFER, useValue: direct ?? null },
      ],
    };
  }
}
