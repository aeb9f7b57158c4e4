import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { peerOf } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import { DomainError } from '#domain/errors';
import { collectBody } from './body-collector.ts';
import { modelOpenApi } from './model-openapi.ts';
import { ANYBODY, DESCRIBE, DESCRIBE_EACH, INFER, PUBLIC, READ } from './operation-access.ts';
import { addModelControlRoutes, addServerControlRoutes } from './rest-control-routes.ts';
import { generate, generateAsEvents, inferAsEvents, tellOfFailure } from './rest-generate.ts';
import { answerInference } from './rest-infer.ts';
import { replyBy } from './rest-reply.ts';
import { RouteSet } from './route-set.ts';
import { type OpenApiDocument, servedOpenApi } from './served-openapi.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';
import type { RestParts } from './serving-parts.ts';

/** Characters of a path's part: a model's name with its namespace, both percent-encoded, is shorter. */
const MAX_PARAM_LENGTH = 512;
const JSON_TYPE = 'application/json; charset=utf-8';

/** How Fastify has to be set up for the routes. @param logger for failures before a route is found. */
export function restServerOptions(logger: Logger): Pick<FastifyServerOptions, 'routerOptions' | 'frameworkErrors'> {
  return {
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, _request, reply) => void replyWithError(reply, error, logger),
  };
}

/**
 * The Open Inference Protocol over REST, with Triton's extensions. The routes stand on the Fastify instance that Nest owns, with a
 * parser that leaves the body as bytes: nothing of Nest, and no generic JSON handling, is on the way of a tensor.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function registerRestRoutes(fastify: FastifyInstance, parts: RestParts): void {
  const register = async (scope: FastifyInstance) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, message, done) => collectBody(message, parts.maxBodyBytes, done));
    scope.decorateRequest('record', undefined);
    scope.setErrorHandler((error, request, reply) => {
      tellOfFailure(error, request, reply, parts);
      return replyWithError(reply, error, parts.logger);
    });
    scope.setNotFoundHandler((request, reply) => replyWithError(reply, routeNotFound(request.url), parts.logger));
    const routes = new RouteSet(scope, parts.access);
    const document = servedOpenApi(parts.access.isOpen);
    addServerRoutes(routes, parts, document);
    addServerControlRoutes(routes, parts);
    for (const prefix of ['/models/:model', '/models/:model/versions/:version']) {
      addModelRoutes(routes, prefix, parts, document);
      addModelControlRoutes(routes, prefix, parts);
    }
    routes.refuseOtherMethods();
  };
  // Below a prefix, a scope answers for what is not found there too.
  void fastify.register(register, { prefix: '/v2' });
}

function addServerRoutes(routes: RouteSet, parts: RestParts, openApi: OpenApiDocument): void {
  const { access, servingSet, directory, isDraining } = parts;
  const metadata = { name: SERVER_NAME, version: SERVER_VERSION, extensions: SERVER_EXTENSIONS };
  routes.get('', ANYBODY, () => metadata);
  const document = JSON.stringify(openApi);
  routes.get('/openapi.json', ANYBODY, (_request, reply) => reply.header('content-type', JSON_TYPE).send(document));
  routes.get('/health/live', PUBLIC, () => ({ live: true }));
  routes.get('/health/ready', PUBLIC, (_request, reply) => {
    const ready = servingSet.isReady && !isDraining();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  routes.get('/models', DESCRIBE_EACH, ({ caller }) => ({
    models: directory.names.filter((name) => access.may(caller, DESCRIBE_EACH.action, name)),
  }));
}

function addModelRoutes(routes: RouteSet, prefix: string, parts: RestParts, openApi: OpenApiDocument): void {
  routes.get(prefix, DESCRIBE, ({ params }) => {
    const { name, versions, signature } = parts.directory.describe(params.model, params.version);
    return { name, versions, platform: PLATFORM, inputs: signature.inputs, outputs: signature.outputs };
  });
  routes.get(`${prefix}/openapi.json`, DESCRIBE, ({ params }) =>
    modelOpenApi(openApi, parts.directory.describe(params.model, params.version), params.version),
  );
  routes.get(`${prefix}/ready`, DESCRIBE, ({ params }, reply) => {
    // An unknown model is a 404 with a reason, one that is not loaded now a 503.
    parts.directory.describe(params.model, params.version);
    const ready = parts.directory.isReady(params.model, params.version);
    return reply.code(ready ? 200 : 503).send({ name: params.model, ready });
  });
  if (prefix === '/models/:model')
    routes.get(`${prefix}/stages`, READ, ({ params }) => {
      const { name } = parts.directory.describe(params.model, undefined);
      return { name, versions: parts.metrics.stagesOf(name) };
    });
  // Over a connection it is taken before Fastify: see inference-server.ts.
  routes.post(`${prefix}/infer`, INFER, ({ headers, params, body, raw }, reply) => {
    void reply.hijack();
    return answerInference({ headers, params, body, peer: peerOf(raw.socket) }, replyBy(reply.raw), parts);
  });
  routes.post(`${prefix}/infer_stream`, INFER, (request, reply) => inferAsEvents(request, reply, parts));
  routes.post(`${prefix}/generate`, INFER, (request, reply) => generate(request, reply, parts));
  routes.post(`${prefix}/generate_stream`, INFER, (request, reply) => generateAsEvents(request, reply, parts));
}

function routeNotFound(url: string): DomainError {
  const [path = ''] = url.split('?');
  return new DomainError(
    'ROUTE_NOT_FOUND',
    `nothing is at ${path.slice(0, 200)}: /v2/openapi.json lists what there is`,
  );
}
