import type { FastifyReply } from 'fastify';
import {
  compressed,
  type DecodedBody,
  decodeGenerateRequest,
  decodeRestRequest,
  encodeGenerateResponse,
  encodeRestResponse,
  wantedEncoding,
} from '#adapters/open-inference';
import type { InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { refuseWhileDraining } from './draining.ts';
import { bodyOf } from './rest-body.ts';
import type { RestRequest } from './route-set.ts';
import type { RestParts } from './serving-parts.ts';

/** The hot path of REST; HOT_PATH.md draws it. */
export async function infer(request: RestRequest, reply: FastifyReply, parts: RestParts): Promise<FastifyReply> {
  const { result, decoded } = await inferred(request, parts);
  const encoded = encodeRestResponse(result, decoded);
  nameWhoServed(reply, result);
  if (encoded.headerLength === undefined) void reply.header('content-type', 'application/json');
  else {
    void reply.header('content-type', 'application/octet-stream');
    void reply.header('inference-header-content-length', encoded.headerLength);
  }
  const wanted = wantedEncoding(request.headers['accept-encoding']);
  if (wanted === undefined) return reply.send(encoded.body);
  return reply.header('content-encoding', wanted).send(await compressed(encoded.body, wanted));
}

/** The same answer as the only event of a stream, for clients that read inferences as events. Events are text: outputs come as JSON. */
export async function inferAsEvents(
  request: RestRequest,
  reply: FastifyReply,
  parts: RestParts,
): Promise<FastifyReply> {
  const { result, decoded } = await inferred(request, parts);
  nameWhoServed(reply, result);
  return sendEvent(reply, encodeRestResponse(result, { id: decoded.id, isBinary: () => false }).body.toString());
}

/** Inference in plain JSON, for models whose inputs and outputs say enough by their names. */
export async function generate(
  request: RestRequest,
  reply: FastifyReply,
  parts: RestParts,
  send: (reply: FastifyReply, json: string) => FastifyReply = sendJson,
): Promise<FastifyReply> {
  const { pipeline, directory, isDraining, maxBodyBytes } = parts;
  refuseWhileDraining(isDraining);
  const { model, version } = request.params;
  const decoded = decodeGenerateRequest(
    await bodyOf(request, maxBodyBytes),
    directory.describe(model, version).signature,
  );
  const result = await pipeline.infer({ modelName: model, modelVersion: version ?? '', ...decoded });
  nameWhoServed(reply, result);
  return send(reply, encodeGenerateResponse(result, decoded));
}

/** The same answer as the only event of a stream: a model gives one answer for one request. */
export function generateAsEvents(request: RestRequest, reply: FastifyReply, parts: RestParts): Promise<FastifyReply> {
  return generate(request, reply, parts, sendEvent);
}

async function inferred(
  request: RestRequest,
  { pipeline, directory, isDraining, maxBodyBytes }: RestParts,
): Promise<{ readonly result: InferenceResult; readonly decoded: DecodedBody }> {
  refuseWhileDraining(isDraining);
  const { model, version } = request.params;
  const body = await bodyOf(request, maxBodyBytes);
  const headerLength = headerLengthOf(request.headers);
  const decoded = decodeRestRequest(body, headerLength, () => directory.describe(model, version).signature);
  const result = await pipeline.infer({ modelName: model, modelVersion: version ?? '', ...decoded });
  return { result, decoded };
}

function nameWhoServed(reply: FastifyReply, { modelVersion, isFallback }: InferenceResult): void {
  void reply.header('slipway-served-by', String(modelVersion));
  if (isFallback) void reply.header('slipway-fallback', 'true');
}

function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(json);
}

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html */
function sendEvent(reply: FastifyReply, json: string): FastifyReply {
  void reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-cache');
  return reply.send(`data: ${json}\n\n`);
}

/** @throws REQUEST_MALFORMED */
function headerLengthOf(headers: RestRequest['headers']): number | undefined {
  const text = headers['inference-header-content-length'];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,10}$/.test(text)) return Number(text);
  throw new DomainError('REQUEST_MALFORMED', 'inference-header-content-length must be a number of bytes');
}
