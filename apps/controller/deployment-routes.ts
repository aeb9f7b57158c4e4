import type { Writable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { renewCaller } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import { errorReplyOf, replyWithError } from '#adapters/wire-errors';
import type { AccessControl } from '#application/access';
import type { RolloutCommand } from '#domain/rollout';
import { listPlugins, type PluginSources } from './plugin-list.ts';
import {
  commandAs,
  type DeploymentPlace,
  isVisible,
  requireDeployment,
  visibleDeployments,
} from './required-deployment.ts';
import { toStatus } from './status.mapper.ts';
import { type DeploymentSources, watchDeployment } from './watch-deployment.ts';

const HEARTBEAT_MS = 15_000;
/** What a person can ask for by POST, beside `promote`. */
const COMMANDS = ['skip', 'abort', 'retry'] as const satisfies readonly RolloutCommand[];

/** What the routes work on. */
export interface DeploymentRoutesParts extends DeploymentSources {
  readonly control: AccessControl;
  readonly plugins: PluginSources;
  readonly logger: Logger;
}

/** The controller's REST interface: states, their event streams, and a person's commands. */
export function registerDeploymentRoutes(fastify: FastifyInstance, parts: DeploymentRoutesParts): void {
  const { reconciler, fleet, logger } = parts;
  void fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

    scope.get('/v1/deployments', async ({ caller }) => ({
      deployments: visibleDeployments(caller, reconciler).map((deployment) => toStatus(deployment, fleet)),
    }));

    scope.get('/v1/plugins', async ({ caller }) => ({ plugins: listPlugins(caller, parts.plugins) }));

    scope.get<{ Params: DeploymentPlace }>('/v1/deployments/:namespace/:name', async ({ caller, params }) =>
      toStatus(requireDeployment(caller, reconciler, params), fleet),
    );

    type CommandRequest = FastifyRequest<{ Params: DeploymentPlace }>;
    const carryOut = async ({ caller, params }: Pick<CommandRequest, 'caller' | 'params'>, command: RolloutCommand) =>
      toStatus(await commandAs(caller, reconciler, params, command), fleet);

    scope.post<{ Params: DeploymentPlace; Querystring: { full?: string } }>(
      '/v1/deployments/:namespace/:name/promote',
      async (request) => carryOut(request, request.query.full === 'true' ? 'promoteFully' : 'promote'),
    );

    for (const command of COMMANDS) {
      scope.post<{ Params: DeploymentPlace }>(`/v1/deployments/:namespace/:name/${command}`, (request) =>
        carryOut(request, command),
      );
    }

    // Of a stream that never ends there is no head to be asked for.
    const isStream = { exposeHeadRoute: false };
    scope.get<{ Params: DeploymentPlace }>('/v1/deployments/:namespace/:name/watch', isStream, (request, reply) => {
      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      const stop = sendStates(request, parts, stream);
      request.raw.once('close', stop);
      stream.once('error', stop);
    });
  });
}

/**
 * Sends states as they come. A watcher that reads slowly gets the newest when it is ready for it; one that would not be let in any more is
 * told why, and that is the end.
 */
function sendStates(
  request: FastifyRequest<{ Params: DeploymentPlace }>,
  { control, logger, ...sources }: DeploymentRoutesParts,
  stream: Writable,
): () => void {
  const renewed = renewCaller(control, request as FastifyRequest, (error) => {
    stop();
    stream.end(`event: error\ndata: ${JSON.stringify(errorReplyOf(error, logger).body)}\n\n`);
  });
  const stopWatching = watchDeployment(request.params, sources, {
    isReady: () => !stream.writableNeedDrain,
    maySee: (deployment) => isVisible(renewed.callerNow(), deployment),
    tell: (_state, text) => stream.write(`event: status\ndata: ${text}\n\n`),
  });
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  const stop = () => {
    renewed.stop();
    stopWatching();
    clearInterval(heartbeat);
  };
  return stop;
}
