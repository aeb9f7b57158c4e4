import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { serveSubscriptions } from '#adapters/graphql-server';
import { admitCallers } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import { refuseCaller, replyWithError } from '#adapters/wire-errors';
import { type ObjectStore, probeConditionalWrites, type Registry } from '#application/registry';
import type { ProgramAccess, ProgramAudit } from '#apps/access';
import { openPlugins } from '#apps/plugins';
import { openServerTls } from '#apps/tls';
import { createAccess } from './access.module.ts';
import { registerArchiveRoutes } from './archive-routes.ts';
import { registerBlobRoutes } from './blob-routes.ts';
import type { RegistryConfig } from './config.ts';
import {
  archiveFormat,
  GRAPHQL_PATH,
  graphqlPolicyOf,
  openObjectStore,
  openRegistry,
  RegistryModule,
} from './registry.module.ts';
import { StoreReadiness } from './store-readiness.ts';

/** A registry that answers. */
export interface RunningRegistry {
  readonly url: string;
  /** Takes no new requests, ends those in flight. */
  close(): Promise<void>;
}

const GRAPHQL_BODY_LIMIT_BYTES = 256 * 1024;
/** What is asked by whoever starts and stops programs, and tells nothing else. */
const PUBLIC_ROUTES: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

/**
 * Starts a registry.
 *
 * @throws STORE_UNAVAILABLE, STORE_NOT_CONDITIONAL when the bucket cannot be used.
 */
export async function startRegistry(config: RegistryConfig, logger: Logger): Promise<RunningRegistry> {
  const tls = openServerTls(config, logger);
  const store = await openObjectStore(config);
  const plugins = await openPlugins(config.plugins, ['auth-source'], logger);
  const access = await createAccess(config, { store, plugins: plugins.set }, logger);
  const policy = graphqlPolicyOf(config, access, logger);
  await probeConditionalWrites(store, randomUUID());
  const opened = await openRegistry(store, config);
  const { registry } = opened;
  const startedAt = performance.now();
  await registry.log.catchUp();
  logger.info(
    { position: registry.index.position, tookSeconds: (performance.now() - startedAt) / 1000 },
    'index is up to date',
  );
  await registry.namespaces.ensureDefault();
  await access.follow.look();
  copyChanges(registry, access.audit);

  const adapter = new FastifyAdapter({
    bodyLimit: GRAPHQL_BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    ...(tls && { serverFactory: tls.serverFactory }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    RegistryModule.forRegistry(opened, policy, access),
    adapter,
    {
      logger: false,
      abortOnError: false,
    },
  );
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  admitCallers(fastify, {
    control: access.control,
    publicRoutes: PUBLIC_ROUTES,
    refuse: refuseCaller(GRAPHQL_PATH, logger),
  });
  const surroundings = { logger, scope: access.isOpen ? ('public' as const) : ('private' as const) };
  registerBlobRoutes(fastify, registry, surroundings);
  registerArchiveRoutes(fastify, registry, archiveFormat, surroundings);
  registerHealthRoutes(fastify, store, logger);
  await app.init();
  const { schema } = app.get(GraphQLSchemaHost);
  const endSubscriptions = serveSubscriptions(app.getHttpServer(), { ...policy, path: GRAPHQL_PATH, schema });
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  const stopChores = startChores(registry, access, config, logger);
  logger.info({ url, store: config.store }, 'registry is listening');
  const close = async () => {
    await stopChores();
    await endSubscriptions();
    await app.close();
    tls?.close();
    await access.audit.close();
    opened.close();
    await plugins.close();
  };
  return { url, close };
}

/** What this registry changes goes to the collector, too, and so does the head of the log that holds it. */
function copyChanges({ log }: Registry, audit: ProgramAudit): void {
  log.listen((events, _sequence, isOwn) => {
    if (!isOwn) return;
    for (const event of events) audit.copyChange(event);
    if (log.head !== undefined) audit.tellHead('log/', log.head);
  });
}

/** Keeps the index fresh, and looks now and then for records that were never logged. @returns what ends that. */
function startChores(
  registry: Registry,
  access: ProgramAccess,
  config: RegistryConfig,
  logger: Logger,
): () => Promise<void> {
  const failed = (chore: string) => (error: unknown) =>
    logger.warn({ err: error, chore }, 'a chore of the registry failed');
  const follower = repeat(() => registry.log.tend(), config.feedPollMs, failed('follow the event log'));
  const stopAccess = access.keepUp();
  const sweep = async () => {
    const recovered = await registry.sweeper.sweep();
    if (recovered > 0) logger.warn({ recovered }, 'logged changes whose writers had died before they could');
  };
  const collect = async () => {
    const { removed, removedBytes, condemned, abandonedDrafts } = await registry.collector.collect(false);
    if (removed.length + condemned.length + abandonedDrafts === 0) return;
    const counts = { removed: removed.length, removedBytes, condemned: condemned.length, abandonedDrafts };
    logger.info(counts, 'collected garbage');
  };
  const pauseMs = config.gcIntervalSeconds * 1000;
  const collector = pauseMs === 0 ? async () => {} : repeat(collect, pauseMs, failed('collect garbage'));
  const sweeper = repeat(sweep, config.sweepSeconds * 1000, failed('sweep'));
  return async () => {
    await Promise.all([follower(), sweeper(), collector(), stopAccess()]);
  };
}

/** Does something again and again, each time after a pause since the last. @returns what stops it, once it is not under way. */
function repeat(act: () => Promise<void>, pauseMs: number, failed: (error: unknown) => void): () => Promise<void> {
  const stopped = new AbortController();
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await act().catch(failed);
      await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return async () => {
    stopped.abort();
    await running;
  };
}

function registerHealthRoutes(fastify: FastifyInstance, store: ObjectStore, logger: Logger): void {
  const readiness = new StoreReadiness(store);
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/ready', async (_request, reply) => {
    try {
      await readiness.assert();
      return { ready: true };
    } catch (error) {
      return replyWithError(reply, error, logger);
    }
  });
}
