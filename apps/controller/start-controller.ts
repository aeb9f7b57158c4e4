import 'reflect-metadata';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { serveSubscriptions } from '#adapters/graphql-server';
import type { Logger } from '#adapters/telemetry';
import { GatewayControlService } from '#generated/slipway/control/v1/control';
import type { ControllerConfig } from './config.ts';
import { type ControllerParts, createController } from './controller.module.ts';
import { createControllerMetrics } from './controller-metrics.ts';
import { registerDeploymentRoutes } from './deployment-routes.ts';
import { DeploymentsGraphqlModule, graphqlPolicyOf } from './deployments-graphql.module.ts';
import { GitPoller } from './git-poller.ts';
import { registerWebhook } from './webhook-route.ts';

const GRAPHQL_BODY_LIMIT_BYTES = 256 * 1024;

/** A controller that acts. */
export interface RunningController {
  readonly url: string;
  /** Where gateways attach. */
  readonly grpcAddress: string;
  close(): Promise<void>;
}

/** Starts a controller: it takes up its journal, listens to gateways, and looks at Git. */
export async function startController(config: ControllerConfig, logger: Logger): Promise<RunningController> {
  const parts = await createController(config, logger);
  await parts.reconciler.start();
  parts.reporter?.catchUp(parts.reconciler.deployments);
  const grpc = await listenForGateways(config, parts);
  const poller = new GitPoller(parts.reconciler, config.gitPollSeconds, logger);
  const { app, endSubscriptions } = await listenForPeople(config, parts, poller, logger);
  const url = await app.getUrl();
  poller.start();
  logger.info(
    { url, grpc: grpc.address, git: config.gitUrl ?? config.gitSources, branch: config.gitBranch },
    'controller is listening',
  );
  return {
    url,
    grpcAddress: grpc.address,
    close: async () => {
      await poller.stop();
      await parts.reconciler.stop();
      parts.reporter?.stop();
      parts.fleet.close();
      grpc.server.forceShutdown();
      await endSubscriptions();
      await app.close();
    },
  };
}

async function listenForGateways(
  config: ControllerConfig,
  { fleet }: ControllerParts,
): Promise<{ server: Server; address: string }> {
  const server = new Server({ 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5000 });
  server.addService(GatewayControlService, fleet.service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.host}:${config.grpcPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, address: `${config.host}:${port}` };
}

/** What people and their programs ask. */
interface PeoplesInterface {
  readonly app: NestFastifyApplication;
  endSubscriptions(): Promise<void>;
}

async function listenForPeople(
  config: ControllerConfig,
  parts: ControllerParts,
  poller: GitPoller,
  logger: Logger,
): Promise<PeoplesInterface> {
  // Event streams never end by themselves: closing must not wait for them.
  const adapter = new FastifyAdapter({ forceCloseConnections: true, bodyLimit: GRAPHQL_BODY_LIMIT_BYTES });
  const deployments = { ...parts, logger };
  const root = DeploymentsGraphqlModule.over(deployments);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  const metrics = createControllerMetrics(parts.reconciler, parts.fleet);
  registerDeploymentRoutes(fastify, deployments);
  registerWebhook(fastify, {
    reconciler: parts.reconciler,
    deployedBranch: config.gitBranch,
    secret: config.webhookSecret,
    pollNow: () => poller.pollNow(),
  });
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/ready', async (_request, reply) => {
    return reply.code(poller.hasPolled ? 200 : 503).send({ ready: poller.hasPolled });
  });
  fastify.get('/metrics', async (_request, reply) => {
    return reply.header('content-type', metrics.contentType).send(await metrics.metrics());
  });
  await app.init();
  const { schema } = app.get(GraphQLSchemaHost);
  const endSubscriptions = serveSubscriptions(app.getHttpServer(), { ...graphqlPolicyOf(deployments), schema });
  await app.listen(config.port, config.host);
  return { app, endSubscriptions };
}
