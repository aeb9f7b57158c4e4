import type { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { RolloutCommand } from '#domain/rollout';
import { toStatus } from './status.mapper.ts';
import { type DeploymentPlace, type DeploymentSources, watchDeployment } from './watch-deployment.ts';

type DeploymentParams = { readonly namespace: string; readonly name: string };

const HEARTBEAT_MS = 15_000;
/** What a person can ask for by POST, beside `promote`. */
const COMMANDS = ['skip', 'abort', 'retry'] as const satisfies readonly RolloutCommand[];

/** What the routes work on. */
export interface DeploymentRoutesParts extends DeploymentSources {
  readonly logger: Logger;
}

/** The controller's REST interface: states, their event streams, and a person's commands. */
export function registerDeploymentRoutes(fastify: FastifyInstance, parts: DeploymentRoutesParts): void {
  const { reconciler, fleet, logger } = parts;
  void fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

    scope.get('/v1/deployments', async () => ({
      deployments: reconciler.deployments.map((deployment) => toStatus(deployment, fleet)),
    }));

    scope.get<{ Params: DeploymentParams }>('/v1/deployments/:namespace/:name', async ({ params }) =>
      toStatus(reconciler.require(params.namespace, params.name), fleet),
    );

    const carryOut = async ({ namespace, name }: DeploymentParams, command: RolloutCommand) => {
      const deployment = reconciler.command(namespace, name, command);
      await reconciler.recorded(deployment);
      return toStatus(deployment, fleet);
    };

    scope.post<{ Params: DeploymentParams; Querystring: { full?: string } }>(
      '/v1/deployments/:namespace/:name/promote',
      async ({ params, query }) => {
        const command = query.full === 'true' ? 'promoteFully' : 'promote';
        return carryOut(params, command);
      },
    );

    for (const command of COMMANDS) {
      scope.post<{ Params: DeploymentParams }>(`/v1/deployments/:namespace/:name/${command}`, ({ params }) =>
        carryOut(params, command),
      );
    }

    scope.get<{ Params: DeploymentParams }>('/v1/deployments/:namespace/:name/watch', (request, reply) => {
      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      const stop = sendStates(request.params, parts, stream);
      request.raw.once('close', stop);
      stream.once('error', stop);
    });
  });
}

/** Sends states as they come. A watcher that reads slowly gets the newest when it is ready for it. */
function sendStates(place: DeploymentPlace, sources: DeploymentSources, stream: Writable): () => void {
  const stopWatching = watchDeployment(place, sources, {
    isReady: () => !stream.writableNeedDrain,
    tell: (_state, text) => stream.write(`event: status\ndata: ${text}\n\n`),
  });
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  return () => {
    stopWatching();
    clearInterval(heartbeat);
  };
}
