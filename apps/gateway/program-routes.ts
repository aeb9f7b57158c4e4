import type { FastifyInstance } from 'fastify';
import { EXPOSITION_TYPES, expositionFormatFor } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { RuntimeInventory } from '#application/serving';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { METRICS, PUBLIC } from './operation-access.ts';
import { RouteSet } from './route-set.ts';
import type { RestParts } from './serving-parts.ts';

/** Health and metrics, for those who look after the program. */
export function registerProgramRoutes(
  fastify: FastifyInstance,
  { access, servingSet, isDraining, logger }: RestParts,
  { metrics, inventory }: { readonly metrics: GatewayMetrics; readonly inventory: RuntimeInventory },
): void {
  void fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));
    const routes = new RouteSet(scope, access);
    routes.get('/health/live', PUBLIC, () => ({ live: true }));
    routes.get('/health/ready', PUBLIC, (_request, reply) => {
      const ready = servingSet.isReady && !isDraining();
      return reply.code(ready ? 200 : 503).send({ ready });
    });
    routes.get('/health/runtimes', METRICS, () => inventory);
    routes.get('/metrics', METRICS, async (request, reply) => {
      const format = expositionFormatFor(request.headers.accept);
      return reply.header('content-type', EXPOSITION_TYPES[format]).send(await metrics.expose(format));
    });
  });
}
