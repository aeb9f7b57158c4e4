import 'reflect-metadata';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import type { GatewayConfig } from './config.ts';
import { grpcConnectionOptions, restConnectionOptions } from './connection-limits.ts';
import { createGateway, GatewayModule, type GatewayParts } from './gateway.module.ts';
import { createInferenceService, InferenceService } from './grpc-service.ts';
import { type RestParts, registerRestRoutes } from './rest-routes.ts';

/** A gateway that serves. */
export interface RunningGateway {
  readonly url: string;
  readonly grpcAddress: string;
  /** Refuses new requests, lets those in flight end, and ends the runners. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const DRAIN_POLL_MS = 20;

/** Starts a gateway; it serves its last known good routes before it has reached anything else. */
export async function startGateway(config: GatewayConfig, logger: Logger): Promise<RunningGateway> {
  const parts = await createGateway(config, logger);
  let isDraining = false;
  const restParts: RestParts = { ...parts, logger, isDraining: () => isDraining };
  const app = await listenForRest(config, restParts, parts);
  const grpc = await listenForGrpc(config, restParts);
  parts.controlStream.start();
  const url = await app.getUrl();
  logger.info({ url, grpc: grpc.address, controller: config.controllerGrpc }, 'gateway is listening');
  return {
    url,
    grpcAddress: grpc.address,
    close: async () => {
      isDraining = true;
      await drained(parts, config.drainSeconds * 1000);
      parts.controlStream.close();
      grpc.server.forceShutdown();
      await app.close();
      await parts.servingSet.close();
    },
  };
}

async function listenForRest(
  config: GatewayConfig,
  restParts: RestParts,
  { metrics }: GatewayParts,
): Promise<NestFastifyApplication> {
  const maxBodyBytes = config.maxBodyMib * MIB;
  // Idle keep-alive connections are closed at shutdown instead of waited for.
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    ...restConnectionOptions(config),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, adapter, {
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.server.maxConnections = config.maxConnections;
  registerRestRoutes(fastify, restParts, maxBodyBytes);
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/ready', async (_request, reply) => {
    const ready = restParts.servingSet.isReady && !restParts.isDraining();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  fastify.get('/metrics', async (_request, reply) => {
    return reply.header('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  await app.listen(config.port, config.host);
  return app;
}

async function listenForGrpc(config: GatewayConfig, parts: RestParts): Promise<{ server: Server; address: string }> {
  const server = new Server(grpcConnectionOptions(config));
  server.addService(InferenceService, createInferenceService(parts));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.host}:${config.grpcPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, address: `${config.host}:${port}` };
}

async function drained({ servingSet, pipeline }: GatewayParts, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  const inFlight = () => [...servingSet.routes.keys()].some((model) => pipeline.inFlightOf(model) > 0);
  while (inFlight() && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
}
