import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import { Blobs, type ObjectStore, probeConditionalWrites, RegisterVersion } from '#application/registry';
import { registerBlobRoutes } from './blob-routes.ts';
import type { RegistryConfig } from './config.ts';
import { openObjectStore, RegistryModule } from './registry.module.ts';

/** A registry that answers. */
export interface RunningRegistry {
  readonly url: string;
  /** Takes no new requests, ends those in flight. */
  close(): Promise<void>;
}

const GRAPHQL_BODY_LIMIT_BYTES = 256 * 1024;

/**
 * Starts a registry.
 *
 * @throws STORE_UNAVAILABLE, STORE_NOT_CONDITIONAL when the bucket cannot be used.
 */
export async function startRegistry(config: RegistryConfig, logger: Logger): Promise<RunningRegistry> {
  const store = await openObjectStore(config);
  await probeConditionalWrites(store, randomUUID());
  const adapter = new FastifyAdapter({ bodyLimit: GRAPHQL_BODY_LIMIT_BYTES, forceCloseConnections: 'idle' });
  const app = await NestFactory.create<NestFastifyApplication>(RegistryModule.forStore(store, logger), adapter, {
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  registerBlobRoutes(fastify, app.get(RegisterVersion), app.get(Blobs), logger);
  registerHealthRoutes(fastify, store, logger);
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  logger.info({ url, store: config.store }, 'registry is listening');
  return { url, close: () => app.close() };
}

function registerHealthRoutes(fastify: FastifyInstance, store: ObjectStore, logger: Logger): void {
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/ready', async (_request, reply) => {
    try {
      await store.head('probes/ready');
      return { ready: true };
    } catch (error) {
      return replyWithError(reply, error, logger);
    }
  });
}
