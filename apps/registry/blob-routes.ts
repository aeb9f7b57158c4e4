import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
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
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

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
