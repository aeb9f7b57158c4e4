import type { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { Deployment, GatewayFleet, Reconciler } from '#application/rollout';
import { toStatus } from './status.mapper.ts';

type DeploymentParams = { readonly namespace: string; readonly name: string };

/** Counts change with every request; watchers get at most one state in this time, the newest. */
const WATCH_INTERVAL_MS = 50;
const HEARTBEAT_MS = 15_000;

/** What the routes work on. */
export interface DeploymentRoutesParts {
  readonly reconciler: Reconciler;
  readonly fleet: GatewayFleet;
  readonly logger: Logger;
}

/** The controller's REST interface: states, their event streams, and a person's commands. */
export function registerDeploymentRoutes(
  fastify: FastifyInstance,
  { reconciler, fleet, logger }: DeploymentRoutesParts,
): void {
  void fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

    scope.get('/v1/deployments', async () => ({
      deployments: reconciler.deployments.map((deployment) => toStatus(deployment, fleet)),
    }));

    scope.get<{ Params: DeploymentParams }>('/v1/deployments/:namespace/:name', async ({ params }) =>
      toStatus(reconciler.require(params.namespace, params.name), fleet),
    );

    scope.post<{ Params: DeploymentParams; Querystring: { full?: string } }>(
      '/v1/deployments/:namespace/:name/promote',
      async ({ params, query }) => {
        const command = query.full === 'true' ? 'promoteFully' : 'promote';
        return toStatus(reconciler.command(params.namespace, params.name, command), fleet);
      },
    );

    scope.post<{ Params: DeploymentParams }>('/v1/deployments/:namespace/:name/abort', async ({ params }) =>
      toStatus(reconciler.command(params.namespace, params.name, 'abort'), fleet),
    );

    scope.get<{ Params: DeploymentParams }>('/v1/deployments/:namespace/:name/watch', (request, reply) => {
      const { namespace, name } = request.params;
      reply.hijack();
      const stream = reply.raw;
      stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      const stop = watch({ namespace, name }, { reconciler, fleet }, stream);
      request.raw.once('close', stop);
      stream.once('error', stop);
    });
  });
}

/** Sends the state now, after every change, and while counts grow. A deployment that is not there yet is waited for. */
function watch(
  { namespace, name }: DeploymentParams,
  { reconciler, fleet }: Pick<DeploymentRoutesParts, 'reconciler' | 'fleet'>,
  stream: Writable,
): () => void {
  let last = '';
  const sendNow = () => {
    // A watcher that reads slowly gets the newest state when it is ready for it, not all that it missed.
    if (stream.writableNeedDrain) return;
    const deployment = reconciler.deployments.find((candidate) => isNamed(candidate, namespace, name));
    if (deployment === undefined) return;
    const text = JSON.stringify(toStatus(deployment, fleet));
    if (text === last) return;
    last = text;
    stream.write(`event: status\ndata: ${text}\n\n`);
  };
  const ignoreChanges = reconciler.onChange((deployment) => {
    if (isNamed(deployment, namespace, name)) sendNow();
  });
  const counts = setInterval(sendNow, WATCH_INTERVAL_MS);
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  sendNow();
  return () => {
    ignoreChanges();
    clearInterval(counts);
    clearInterval(heartbeat);
  };
}

function isNamed({ entry }: Deployment, namespace: string, name: string): boolean {
  return entry.namespace === namespace && entry.name === name;
}
