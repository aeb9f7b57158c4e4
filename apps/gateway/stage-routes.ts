import type { FastifyInstance } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { ModelDirectory } from './model-directory.ts';

/** What the routes work on. */
export interface StageParts {
  readonly metrics: GatewayMetrics;
  readonly directory: ModelDirectory;
  readonly logger: Logger;
}

/** Where the time of a model's requests goes, with the slowest stage by its name, and what to do about it. */
export function registerStageRoutes(fastify: FastifyInstance, { metrics, directory, logger }: StageParts): void {
  void fastify.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));
    scope.get<{ Params: { model: string } }>('/v2/models/:model/stages', async ({ params }) => {
      const { name } = directory.describe(params.model, undefined);
      return { name, versions: metrics.stagesOf(name) };
    });
  });
}
