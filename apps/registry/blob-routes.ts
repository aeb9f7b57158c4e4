import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { replyWithError } from '#adapters/wire-errors';
import type { Registry, UploadProgress } from '#application/registry';
import { DomainError } from '#domain/errors';
import { parseDigest, parseModelName, parseNamespace } from '#domain/registry';
import { immutableHeaders, type RouteSurroundings } from './byte-answers.ts';
import { actorOf } from './request-context.ts';
import { requireDownload, requireModel, requireOwnDraft } from './required-records.ts';

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
  registry: Registry,
  { logger, scope: cacheScope }: RouteSurroundings,
): void {
  const { registration, uploads, blobs } = registry;
  /** The draft that a request goes on with. @throws MODEL_NOT_FOUND, DRAFT_NOT_FOUND, ACCESS_DENIED, UNAUTHENTICATED */
  const ownDraft = async ({ caller, params }: FastifyRequest<{ Params: UploadParams }>) => {
    const draft = draftOf(params);
    await requireModel(registry, caller, draft.namespace, draft.model, 'version.create');
    await requireOwnDraft(registry, caller, actorOf(caller, undefined), draft);
    return draft;
  };
  const uploadPath = '/v1/namespaces/:namespace/models/:model/drafts/:draftId/blobs/:digest';
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.setErrorHandler((error, _request, reply) => replyWithError(reply, error, logger));

    scope.put<{ Params: UploadParams; Body: IncomingMessage }>(uploadPath, async (request, reply) => {
      const isNew = await registration.upload(
        await ownDraft(request),
        digestOf(request),
        bodyOf(request),
        lengthOf(request),
      );
      return reply.code(isNew ? 201 : 200).send({ digest: request.params.digest, isNew });
    });

    // Uploads that go on where they were cut off, after draft-ietf-httpbis-resumable-upload.
    scope.head<{ Params: UploadParams }>(uploadPath, async (request, reply) => {
      const file = await registration.declaredFile(await ownDraft(request), digestOf(request));
      const progress = await uploads.progress(request.params.draftId, file);
      return withProgress(reply, progress).header('upload-length', file.sizeBytes).send();
    });
    scope.patch<{ Params: UploadParams; Body: IncomingMessage }>(uploadPath, async (request, reply) => {
      const file = await registration.declaredFile(await ownDraft(request), digestOf(request));
      const progress = await uploads.append(request.params.draftId, file, offsetOf(request), bodyOf(request));
      return withProgress(reply, progress).send({ digest: file.digest, ...progress });
    });

    scope.get<{ Params: { digest: string } }>('/v1/blobs/:digest', async (request, reply) => {
      const digest = digestOf(request);
      requireDownload(registry, request.caller, digest);
      const sizeBytes = await blobs.sizeOf(digest);
      const stream = sizeBytes === undefined ? undefined : await blobs.verifiedStream(digest);
      if (sizeBytes === undefined || stream === undefined)
        throw new DomainError('ARTIFACT_NOT_FOUND', `no blob has ${digest}`);
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', sizeBytes)
        .headers(immutableHeaders(digest, cacheScope))
        .send(Readable.from(stream, { objectMode: false }));
    });
  });
}

function draftOf({ namespace, model, draftId }: UploadParams) {
  return { namespace: parseNamespace(namespace), model: parseModelName(model, 'model'), draftId };
}

function withProgress(reply: FastifyReply, { receivedBytes, isComplete }: UploadProgress): FastifyReply {
  return reply.header('upload-offset', receivedBytes).header('upload-complete', isComplete ? '?1' : '?0');
}

function offsetOf(request: FastifyRequest): number {
  const text = request.headers['upload-offset'];
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
  throw new DomainError('INPUT_INVALID', 'the header upload-offset must say from which byte on the body is', {
    field: 'upload-offset',
  });
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
