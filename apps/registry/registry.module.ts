import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { JsonRecordCodec } from '#adapters/json-schema';
import { ARCHIVE_LAYOUTS, archiveNames, tarOf } from '#adapters/model-export';
import { FormatInspector } from '#adapters/model-format-onnx';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { SqliteRegistryIndex } from '#adapters/registry-index-sqlite';
import { ObjectStoreJournal } from '#adapters/rollout-journal';
import type { Logger } from '#adapters/telemetry';
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
import { registrySdl } from '#generated/registry-sdl';
import type { ArchiveFormat } from './archive-routes.ts';
import type { RegistryConfig } from './config.ts';
import { EventResolver } from './event.resolver.ts';
import { graphqlErrorFormatter } from './graphql-errors.ts';
import { limitOperations, MAX_TOKENS } from './graphql-limits.ts';
import { ModelConnectionResolver, ModelResolver } from './model.resolver.ts';
import { NamespaceResolver } from './namespace.resolver.ts';
import { DIRECT_TRANSFER, REGISTRY } from './registry-token.ts';
import { ACTOR_HEADER, actorOf, type RequestContext } from './request-actor.ts';
import { RolloutJournals } from './rollout-journals.ts';
import { dateTimeScalar, jsonScalar, safeIntScalar } from './scalars.ts';
import {
  DraftFileResolver,
  ModelFileResolver,
  VersionConnectionResolver,
  VersionResolver,
} from './version.resolver.ts';

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
  close(): void;
}

/**
 * Opens the registry in a bucket, and the index that belongs to it.
 */
export async function openRegistry(store: ObjectStore, config: RegistryConfig): Promise<OpenedRegistry> {
  const indexPath = config.index;
  const now = () => new Date().toISOString();
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
  return { registry, rollouts, direct: store.direct, close: () => index.close() };
}

/** Wires the registry's use cases to GraphQL. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest prescribes for dynamic modules
export class RegistryModule {
  static forRegistry({ registry, rollouts, direct }: OpenedRegistry, logger: Logger): DynamicModule {
    return {
      module: RegistryModule,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path: '/graphql',
          typeDefs: registrySdl,
          resolvers: { SafeInt: safeIntScalar, DateTime: dateTimeScalar, JSON: jsonScalar },
          graphiql: false,
          introspection: true,
          parseOptions: { maxTokens: MAX_TOKENS },
          plugins: [limitOperations],
          context: contextOf,
          subscriptions: { 'graphql-ws': { path: '/graphql' } },
          formatError: graphqlErrorFormatter(logger),
          includeStacktraceInErrorResponses: false,
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
        { provide: REGISTRY, useValue: registry },
        { provide: RolloutJournals, useValue: rollouts },
        { provide: DIRECT_TRANSFER, useValue: direct ?? null },
      ],
    };
  }
}

/** What a request's headers, or a subscriber's connection parameters, say of who asks. */
function contextOf(source: {
  headers?: Record<string, unknown>;
  connectionParams?: Record<string, unknown>;
}): RequestContext {
  return { actor: actorOf(source.headers?.[ACTOR_HEADER] ?? source.connectionParams?.[ACTOR_HEADER]) };
}
