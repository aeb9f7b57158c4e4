import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { RETRY_AFTER_SECONDS, toWireError } from '#adapters/wire-errors';
import type { Blobs, RegisterVersion } from '#application/registry';
import { DomainError } from '#domain/errors';
import { parseDigest, parseModelName, parseNamespace } from '#domain/registry';

interface UploadParams {
  readonly namespace: string;
  readonly model: string;
  readonly draftId: string;
  readonly digest: string;
}

/**
 * The routes for artifact bytes. They stand on Fastify itself, in a scope without body parsers: bytes stream through whatever
 * content type they are sent with, and are never held whole.
 */
export function registerBlobRoutes(
  fastify: FastifyInstance,
  registration: RegisterVersion,
  blobs: Blobs,
  logger: Logger,
): void {
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.setErrorHandler((error, _request, reply) => sendError(reply, error, logger));

    scope.put<{ Params: UploadParams; Body: IncomingMessage }>(
      '/v1/namespaces/:namespace/models/:model/drafts/:draftId/blobs/:digest',
      async (request, reply) => {
        const isNew = await registration.upload(
          draftOf(request.params),
          digestOf(request),
          bodyOf(request),
          lengthOf(request),
        );
        return reply.code(isNew ? 201 : 200).send({ digest: request.params.digest, isNew });
      },
    );

    scope.get<{ Params: { digest: string } }>('/v1/blobs/:digest', async (request, reply) => {
      const digest = digestOf(request);
      const sizeBytes = await blobs.sizeOf(digest);
      const stream = sizeBytes === undefined ? undefined : await blobs.stream(digest);
      if (sizeBytes === undefined || stream === undefined)
        throw new DomainError('ARTIFACT_NOT_FOUND', `no blob has ${digest}`);
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', sizeBytes)
        .header('etag', `"${digest}"`)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(Readable.from(stream, { objectMode: false }));
    });
  });
}

/** Answers an error of any route of the registry. */
export function sendError(reply: FastifyReply, error: unknown, logger: Logger): FastifyReply {
  const wire = toWireError(clientFault(error) ?? error);
  if (wire.correlationId !== undefined)
    logger.error({ err: error, correlationId: wire.correlationId }, 'request failed');
  if (wire.isRetryable) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply.code(wire.httpStatus).send({ error: wire.message, code: wire.code, ...wire.context });
}

/** Fastify's own refusals (a bad URL, say) carry a 4xx status. */
function clientFault(error: unknown): DomainError | undefined {
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined;
  return new DomainError('REQUEST_MALFORMED', message);
}

function draftOf({ namespace, model, draftId }: UploadParams) {
  return { namespace: parseNamespace(namespace), model: parseModelName(model, 'model'), draftId };
}

function digestOf(request: FastifyRequest<{ Params: { digest: string } }>) {
  return parseDigest(request.params.digest);
}

function bodyOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  // A request without a content type reaches the handler unparsed.
  return (request.body as IncomingMessage | undefined) ?? request.raw;
}

function lengthOf(request: FastifyRequest): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
