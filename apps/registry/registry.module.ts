import { createHash, randomUUID } from 'node:crypto';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FormatInspector } from '#adapters/model-format-onnx';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import type { Logger } from '#adapters/telemetry';
import {
  Blobs,
  ManageModels,
  type NewDigest,
  type ObjectStore,
  RegisterVersion,
  RegistryRecords,
} from '#application/registry';
import type { Digest } from '#domain/registry';
import { registrySdl } from '#generated/registry-sdl';
import type { RegistryConfig } from './config.ts';
import { graphqlErrorFormatter } from './graphql-errors.ts';
import { limitDocument, MAX_TOKENS } from './graphql-limits.ts';
import { ModelResolver, ModelVersionResolver, RegistryResolver } from './model.resolver.ts';
import { dateTimeScalar, safeIntScalar } from './scalars.ts';

/** Opens the bucket that the settings name. */
export function openObjectStore(config: RegistryConfig): Promise<ObjectStore> {
  return config.store === 'fs' ? FsObjectStore.open(config.storeDir) : S3ObjectStore.open(config);
}

const sha256: NewDigest = () => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `sha256:${hash.digest('hex')}` as Digest,
  };
};

/** Wires the registry's use cases to a bucket and to GraphQL. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the form that Nest prescribes for dynamic modules
export class RegistryModule {
  static forStore(store: ObjectStore, logger: Logger): DynamicModule {
    const now = () => new Date().toISOString();
    const records = new RegistryRecords(store, new JsonRecordCodec());
    const blobs = new Blobs(store, sha256);
    const inspector = new FormatInspector();
    const registration = new RegisterVersion({
      records,
      blobs,
      inspector,
      newDigest: sha256,
      now,
      randomId: randomUUID,
    });
    return {
      module: RegistryModule,
      imports: [
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path: '/graphql',
          typeDefs: registrySdl,
          resolvers: { SafeInt: safeIntScalar, DateTime: dateTimeScalar },
          graphiql: false,
          introspection: true,
          parseOptions: { maxTokens: MAX_TOKENS },
          validationRules: [limitDocument],
          formatError: graphqlErrorFormatter(logger),
          includeStacktraceInErrorResponses: false,
        }),
      ],
      providers: [
        RegistryResolver,
        ModelResolver,
        ModelVersionResolver,
        { provide: ManageModels, useValue: new ManageModels(records, now) },
        { provide: RegisterVersion, useValue: registration },
        { provide: Blobs, useValue: blobs },
      ],
    };
  }
}
