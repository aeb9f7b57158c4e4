import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { serveSubscriptions } from '#adapters/graphql-server';
import { admitCalls } from '#adapters/grpc-access';
import { admitCallers } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import { refuseCaller, replyWithError } from '#adapters/wire-errors';
import { StandingRefusals } from '#application/access';
import type { Contender, Leadership } from '#application/rollout';
import { addPluginMetrics } from '#apps/plugins';
import { expiryGauge, openServerTls, type ProgramTls } from '#apps/tls';
import { SERVER } from '#domain/access';
import { GatewayControlService } from '#generated/slipway/control/v1/control';
import type { ControllerConfig } from './config.ts';
import { type ControllerParts, createController } from './controller.module.ts';
import { controllerIdIn } from './controller-identity.ts';
import { createControllerMetrics } from './controller-metrics.ts';
import { ControllerTerm } from './controller-term.ts';
import { registerDeploymentRoutes } from './deployment-routes.ts';
import { DeploymentsGraphqlModule, GRAPHQL_PATH, graphqlPolicyOf } from './deployments-graphql.module.ts';
import { gatewayAdmission } from './gateway-admission.ts';
import { GitPoller } from './git-poller.ts';
import {
  addLeaderMetrics,
  refusalOf,
  refuseUnlessActing,
  replyWithReadiness,
  type Standing,
} from './leader-standing.ts';
import { registerWebhook } from './webhook-route.ts';

const GRAPHQL_BODY_LIMIT_BYTES = 256 * 1024;
/** Calls on one connection; a gateway makes one. Nothing is read of a call before it is admitted, and 4 MiB of a message then. */
const MAX_GATEWAY_STREAMS = 16;
/** How often it is looked whether there is something to tell of gateways that are denied again and again. */
const DENIALS_EVERY_MS = 10_000;
/** What is asked by whoever starts and stops programs, and the webhook, whose signature says who sends it. */
const PUBLIC_ROUTES: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/hooks/git']);

/** A controller that acts, or waits to take over from the one that does. */
export interface RunningController {
  readonly url: string;
  /** Where gateways attach. */
  readonly grpcAddress: string;
  close(): Promise<void>;
}

/**
 * Starts a controller: it listens to gateways and people, and takes the lease if that is free. Then it takes up its journal, and looks at
 * Git; otherwise it waits for its turn.
 */
export async function startController(config: ControllerConfig, logger: Logger): Promise<RunningController> {
  const tls = openServerTls(config, logger);
  const parts = await createController(config, logger);
  const { reconciler, fleet, access, plugins, reporter, audit } = parts;
  const acting: { leadership?: Leadership } = {};
  const standing: Standing = () => acting.leadership;
  fleet.refuse(() => refusalOf(standing, 'address'));
  const denials = new StandingRefusals(() => Date.now());
  const telling = setInterval(() => denials.tend(), DENIALS_EVERY_MS).unref();
  const grpc = await listenForGateways(config, { ...parts, denials }, tls);
  const poller = new GitPoller(reconciler, config.gitPollSeconds, logger);
  const { app, hangUp, endSubscriptions } = await listenForPeople(config, { ...parts, poller, standing, tls }, logger);
  const url = await app.getUrl();
  const term = new ControllerTerm(
    { reconciler, fleet, standing, reporter, pollNow: () => poller.pollNow(), hangUp, logger },
    config.leaseTtlSeconds * 1000,
  );
  const leadership = parts.contend(contenderOf(config, url, grpc.address), term);
  acting.leadership = leadership;
  const stopAccess = access.keepUp();
  const close = async () => {
    await stopAccess();
    await poller.stop();
    await reconciler.stop();
    reporter?.stop();
    await leadership.stop();
    fleet.close();
    grpc.close();
    clearInterval(telling);
    denials.close();
    await endSubscriptions();
    await app.close();
    tls?.close();
    await audit.close();
    await plugins.close();
  };
  try {
    await leadership.start();
  } catch (error) {
    await close();
    throw error;
  }
  poller.start();
  const isLeader = leadership.authority === 'full';
  logger.info(
    { url, grpc: grpc.address, git: config.gitUrl ?? config.gitSources, branch: config.gitBranch, isLeader },
    'controller is listening',
  );
  return { url, grpcAddress: grpc.address, close };
}

function contenderOf({ stateDir, advertisedHost }: ControllerConfig, url: string, grpcAddress: string): Contender {
  const place = new URL(url);
  const address = new URL(`grpc://${grpcAddress}`);
  if (advertisedHost !== undefined) {
    place.hostname = advertisedHost;
    address.host = `${advertisedHost}:${address.port}`;
  }
  return { holder: controllerIdIn(stateDir), process: randomUUID(), url: place.origin, address: address.host };
}

async function listenForGateways(
  config: ControllerConfig,
  { fleet, access, denials }: ControllerParts & { readonly denials: StandingRefusals },
  tls: ProgramTls | undefined,
): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = new Server({
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
    'grpc.max_concurrent_streams': MAX_GATEWAY_STREAMS,
    interceptors: [admitCalls(gatewayAdmission(access.control, denials))],
  });
  server.addService(GatewayControlService, fleet.service);
  if (tls !== undefined) {
    const { port, close } = await tls.listenForGrpc(server, { host: config.host, port: config.grpcPort });
    return {
      address: `${config.host}:${port}`,
      close: () => {
        close();
        server.forceShutdown();
      },
    };
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.host}:${config.grpcPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `${config.host}:${port}`, close: () => server.forceShutdown() };
}

/** What people and their programs ask. */
interface PeoplesInterface {
  readonly app: NestFastifyApplication;
  /** Ends all connections: those who watch a deployment ask again, and are told who leads now. */
  hangUp(): void;
  endSubscriptions(): Promise<void>;
}

interface PeoplesParts extends ControllerParts {
  readonly poller: GitPoller;
  readonly standing: Standing;
  readonly tls: ProgramTls | undefined;
}

async function listenForPeople(
  config: ControllerConfig,
  { poller, standing, access, tls, ...parts }: PeoplesParts,
  logger: Logger,
): Promise<PeoplesInterface> {
  // Event streams never end by themselves: closing must not wait for them.
  const adapter = new FastifyAdapter({
    forceCloseConnections: true,
    bodyLimit: GRAPHQL_BODY_LIMIT_BYTES,
    ...(tls && { serverFactory: tls.serverFactory }),
  });
  const { control, isOpen } = access;
  const plugins = { own: parts.plugins.set, reported: () => parts.fleet.plugins };
  const inventories = () => parts.fleet.inventories;
  const deployments = { ...parts, plugins, inventories, standing, control, isOpen, logger };
  const root = DeploymentsGraphqlModule.over(deployments);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  const metrics = createControllerMetrics(parts.reconciler, parts.fleet);
  addLeaderMetrics(metrics, standing);
  expiryGauge(metrics, tls);
  addPluginMetrics(metrics, parts.plugins.set);
  // Admission first: whoever is not let in is told nothing, not even who leads.
  admitCallers(fastify, { control, publicRoutes: PUBLIC_ROUTES, refuse: refuseCaller(GRAPHQL_PATH, logger) });
  refuseUnlessActing(fastify, deployments);
  registerDeploymentRoutes(fastify, deployments);
  registerWebhook(fastify, {
    reconciler: parts.reconciler,
    deployedBranch: config.gitBranch,
    secret: config.webhookSecret,
    isOpen,
    pollNow: () => poller.pollNow(),
  });
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/ready', async (_request, reply) =>
    replyWithReadiness(reply, { standing, isOpen, hasPolled: poller.hasPolled }),
  );
  fastify.get('/metrics', async ({ caller }, reply) => {
    try {
      caller.require('metrics.read', SERVER);
    } catch (error) {
      return replyWithError(reply, error, logger);
    }
    return reply.header('content-type', metrics.contentType).send(await metrics.metrics());
  });
  await app.init();
  const { schema } = app.get(GraphQLSchemaHost);
  const endSubscriptions = serveSubscriptions(app.getHttpServer(), {
    ...graphqlPolicyOf(deployments),
    path: GRAPHQL_PATH,
    schema,
  });
  await app.listen(config.port, config.host);
  const sockets = connectionsOf(app.getHttpServer() as HttpServer);
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { app, hangUp, endSubscriptions };
}

/** The open ones, WebSockets too, which the HTTP server itself forgets. */
function connectionsOf(server: HttpServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}
