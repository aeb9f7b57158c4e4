import 'reflect-metadata';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { admitCallers } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import { refuseCaller } from '#adapters/wire-errors';
import { CallLimits } from '#application/access';
import { expiryGauge, openServerTls, type ProgramTls } from '#apps/tls';
import type { GatewayConfig } from './config.ts';
import { grpcConnectionOptions, LISTEN_BACKLOG, restConnectionTimes } from './connection-limits.ts';
import { allowForBodies } from './external-memory.ts';
import { createGateway, GatewayModule, type GatewayParts } from './gateway.module.ts';
import { GrpcPeers } from './grpc-peers.ts';
import { addGrpcServices } from './grpc-services.ts';
import { eachSession } from './grpc-sessions.ts';
import { inferenceServer } from './inference-server.ts';
import { answerInferencesOf } from './inference-streams.ts';
import { registerProgramRoutes } from './program-routes.ts';
import { widenReceiveWindow } from './receive-window.ts';
import { restInferences } from './rest-infer.ts';
import { registerRestRoutes, restServerOptions } from './rest-routes.ts';
import { ServingAccess } from './serving-access.ts';
import type { GrpcParts, RestParts } from './serving-parts.ts';

/** A gateway that serves. */
export interface RunningGateway {
  readonly url: string;
  readonly grpcAddress: string;
  /** Refuses new requests, lets those in flight end, and ends the runners. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const DRAIN_POLL_MS = 20;
/** What is asked by whoever starts and stops programs, and tells nothing else. */
const PUBLIC_ROUTES: ReadonlySet<string> = new Set([
  '/health/live',
  '/health/ready',
  '/v2/health/live',
  '/v2/health/ready',
]);

/** Starts a gateway; it serves its last known good routes before it has reached anything else. */
export async function startGateway(config: GatewayConfig, logger: Logger): Promise<RunningGateway> {
  allowForBodies();
  const tls = openServerTls(config, logger);
  const parts = await createGateway(config, logger);
  let isDraining = false;
  const maxBodyBytes = config.maxBodyMib * MIB;
  const { control, isOpen, policies } = parts.access;
  const limits = new CallLimits(() => performance.now());
  const routes = () => parts.servingSet.routes;
  const served: GrpcParts = {
    ...parts,
    access: new ServingAccess({ control, isOpen, policies, limits, routes }),
    peers: new GrpcPeers(),
    telemetry: parts.telemetry.inferences,
    logger,
    maxBodyBytes,
    isDraining: () => isDraining,
  };
  const stopAccess = parts.access.keepUp();
  expiryGauge(parts.metrics.registry, tls);
  const app = await listenForRest(config, served, parts, tls);
  const grpc = await listenForGrpc(config, served, tls);
  parts.controlStream.start();
  const url = await app.getUrl();
  logger.info({ url, grpc: grpc.address, controller: config.controllerGrpc }, 'gateway is listening');
  return {
    url,
    grpcAddress: grpc.address,
    close: async () => {
      isDraining = true;
      parts.changes.tell();
      await drained(parts, config.drainSeconds * 1000);
      await parts.controlStream.close();
      grpc.close();
      await app.close();
      tls?.close();
      await parts.servingSet.close();
      await parts.plugins.close();
      await stopAccess();
      await parts.access.audit.close();
      await parts.telemetry.close();
    },
  };
}

async function listenForRest(
  config: GatewayConfig,
  restParts: RestParts,
  parts: GatewayParts,
  tls: ProgramTls | undefined,
): Promise<NestFastifyApplication> {
  // Idle keep-alive connections are closed at shutdown instead of waited for.
  const adapter = new FastifyAdapter({
    ...restServerOptions(restParts.logger),
    forceCloseConnections: 'idle',
    serverFactory: inferenceServer(restInferences(restParts), restConnectionTimes(config), tls),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule, adapter, {
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.server.maxConnections = config.maxConnections;
  admitCallers(fastify, {
    control: parts.access.control,
    publicRoutes: PUBLIC_ROUTES,
    refuse: refuseCaller(undefined, restParts.logger),
  });
  registerRestRoutes(fastify, restParts);
  registerProgramRoutes(fastify, restParts, parts);
  await app.listen({ port: config.port, host: config.host, backlog: LISTEN_BACKLOG });
  return app;
}

async function listenForGrpc(
  config: GatewayConfig,
  parts: GrpcParts,
  tls: ProgramTls | undefined,
): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = new Server(grpcConnectionOptions(config));
  addGrpcServices(server, parts);
  const place = { host: config.host, port: config.grpcPort, backlog: LISTEN_BACKLOG };
  const { port, close } = await (tls?.listenForGrpc(server, place) ?? listenInTheClear(server, config));
  const leaveSessions = eachSession(port, (session) => {
    widenReceiveWindow(session);
    parts.peers.add(session);
    answerInferencesOf(session, parts);
  });
  return {
    address: `${config.host}:${port}`,
    close: () => {
      close();
      server.forceShutdown();
      leaveSessions();
    },
  };
}

async function listenInTheClear(
  server: Server,
  { host, grpcPort }: GatewayConfig,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:${grpcPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => {} };
}

async function drained({ servingSet, pipeline }: GatewayParts, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  const inFlight = () => [...servingSet.routes.keys()].some((model) => pipeline.inFlightOf(model) > 0);
  while (inFlight() && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
}
