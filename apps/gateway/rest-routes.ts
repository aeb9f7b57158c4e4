import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  compressed,
  decodeRestRequest,
  decompressed,
  encodeRestResponse,
  wantedEncoding,
} from '#adapters/open-inference';
import type { Logger, TraceCarrier } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { InferencePipeline, ServingSet } from '#application/serving';
import { DomainError } from '#domain/errors';
import { restOperation } from './inference-operation.ts';
import type { InferenceTelemetry, RequestRecord } from './inference-telemetry.ts';
import type { ModelDirectory } from './model-directory.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Follows an inference request; `undefined` for others, and for one whose body was refused. */
    record: RequestRecord | undefined;
  }
}

const INFER = restOperation('/v2/models/{model}/infer');

type ModelParams = { readonly model: string; readonly version?: string };

/** What the routes work on. */
export interface RestParts {
  readonly pipeline: InferencePipeline;
  readonly directory: ModelDirectory;
  readonly servingSet: ServingSet;
  readonly telemetry: InferenceTelemetry;
  readonly logger: Logger;
  /** True from the moment of shutdown: new requests are refused then, those in flight end. */
  readonly isDraining: () => boolean;
}

/**
 * The Open Inference Protocol over REST. The routes stand on the Fastify instance that Nest owns, with a parser that leaves the
 * body as bytes: nothing of Nest, and no generic JSON handling, is on the way of a tensor.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function registerRestRoutes(fastify: FastifyInstance, parts: RestParts, maxBodyBytes: number): void {
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.decorateRequest('record', undefined);
    scope.setErrorHandler((error, request, reply) => {
      // The body of an inference that was refused before its handler is an inference all the same.
      const isInference = request.routeOptions.url?.endsWith('/infer') === true;
      const record =
        request.record ?? (isInference ? parts.telemetry.begin(INFER, carrierOf(request.headers)) : undefined);
      record?.failed(error);
      if (record?.traceparent !== undefined) void reply.header('traceparent', record.traceparent);
      return replyWithError(reply, error, parts.logger);
    });
    registerServerRoutes(scope, parts);
    for (const prefix of ['/v2/models/:model', '/v2/models/:model/versions/:version'])
      registerModelRoutes(scope, prefix, parts, maxBodyBytes);
  });
}

function registerServerRoutes(scope: FastifyInstance, { servingSet, directory, isDraining }: RestParts): void {
  const metadata = { name: SERVER_NAME, version: SERVER_VERSION, extensions: SERVER_EXTENSIONS };
  scope.get('/v2', async () => metadata);
  scope.get('/v2/', async () => metadata);
  scope.get('/v2/health/live', async () => ({ live: true }));
  scope.get('/v2/health/ready', async (_request, reply) => {
    const ready = servingSet.isReady && !isDraining();
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  scope.get('/v2/models', async () => ({ models: directory.names }));
}

function registerModelRoutes(scope: FastifyInstance, prefix: string, parts: RestParts, maxBodyBytes: number): void {
  scope.get<{ Params: ModelParams }>(prefix, async ({ params }) => {
    const { name, versions, signature } = parts.directory.describe(params.model, params.version);
    return { name, versions, platform: PLATFORM, inputs: signature.inputs, outputs: signature.outputs };
  });

  scope.get<{ Params: ModelParams }>(`${prefix}/ready`, async ({ params }, reply) => {
    // An unknown model is a 404 with a reason, one that is not loaded now a 503.
    parts.directory.describe(params.model, params.version);
    const ready = parts.directory.isReady(params.model, params.version);
    return reply.code(ready ? 200 : 503).send({ name: params.model, ready });
  });

  scope.post<{ Params: ModelParams; Body: Buffer | undefined }>(`${prefix}/infer`, (request, reply) =>
    infer(request, reply, parts, maxBodyBytes),
  );
}

/** The hot path of REST; HOT_PATH.md draws it. */
async function infer(
  request: FastifyRequest<{ Params: ModelParams; Body: Buffer | undefined }>,
  reply: FastifyReply,
  { pipeline, directory, telemetry, isDraining }: RestParts,
  maxBodyBytes: number,
): Promise<FastifyReply> {
  const record = telemetry.begin(INFER, carrierOf(request.headers));
  request.record = record;
  if (isDraining())
    throw new DomainError('SHUTTING_DOWN', 'the server is shutting down: send the request to another one');
  const { params, headers } = request;
  const { model, version } = params;
  const encoding = headers['content-encoding'];
  const whole = request.body ?? Buffer.alloc(0);
  const body = encoding === undefined ? whole : await decompressed(whole, encoding, maxBodyBytes);
  const decoded = decodeRestRequest(body, headerLengthOf(headers), () => directory.describe(model, version).signature);
  const observer = record.asked(model, decoded, decoded.id);
  const result = await pipeline.infer({ modelName: model, modelVersion: version ?? '', ...decoded, observer });
  const encoded = encodeRestResponse(result, decoded);
  record.answered(result);
  if (record.traceparent !== undefined) void reply.header('traceparent', record.traceparent);
  void reply.header('slipway-served-by', String(result.modelVersion));
  if (result.isFallback) void reply.header('slipway-fallback', 'true');
  if (encoded.headerLength === undefined) void reply.header('content-type', 'application/json');
  else {
    void reply.header('content-type', 'application/octet-stream');
    void reply.header('inference-header-content-length', encoded.headerLength);
  }
  const wanted = wantedEncoding(headers['accept-encoding']);
  if (wanted === undefined) return reply.send(encoded.body);
  return reply.header('content-encoding', wanted).send(await compressed(encoded.body, wanted));
}

function carrierOf({ traceparent, tracestate }: FastifyRequest['headers']): TraceCarrier {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}

/** @throws REQUEST_MALFORMED */
function headerLengthOf(headers: FastifyRequest['headers']): number | undefined {
  const text = headers['inference-header-content-length'];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,10}$/.test(text)) return Number(text);
  throw new DomainError('REQUEST_MALFORMED', 'inference-header-content-length must be a number of bytes');
}
