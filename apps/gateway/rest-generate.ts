import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeGenerateRequest, encodeGenerateResponse, encodeRestResponse } from '#adapters/open-inference';
import type { InferenceResult } from '#application/serving';
import type { RequestRecord } from './inference-telemetry.ts';
import { bodyOf, senderOf } from './rest-body.ts';
import { decode, follow, refuseInVain, run } from './rest-exchange.ts';
import type { RestRequest } from './route-set.ts';
import type { RestParts } from './serving-parts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Follows an inference request; `undefined` for others, and for one whose body was refused. */
    record: RequestRecord | undefined;
  }
}

const INFERENCES = /\/(infer|generate)(_stream)?$/;

/** An inference's answer as the only event of a stream, for clients that read events. Events are text: outputs come as JSON. */
export async function inferAsEvents(
  request: RestRequest,
  reply: FastifyReply,
  parts: RestParts,
): Promise<FastifyReply> {
  const record = begin(request, parts);
  const { decoded, result } = await counted(request, parts, async () => {
    const decoded = await decode(request, senderOf(request), parts);
    return { decoded, result: await run(request, parts, record, decoded) };
  });
  const { body } = encodeRestResponse(result, { id: decoded.id, isBinary: () => false });
  record.answered(result);
  nameWhoServed(reply, result, record);
  return sendEvent(reply, body.toString());
}

/** Inference in plain JSON, for models whose inputs and outputs say enough by their names. */
export async function generate(
  request: RestRequest,
  reply: FastifyReply,
  parts: RestParts,
  send: (reply: FastifyReply, json: string) => FastifyReply = sendJson,
): Promise<FastifyReply> {
  const { directory, maxBodyBytes } = parts;
  const record = begin(request, parts);
  const { model, version } = request.params;
  const { decoded, result } = await counted(request, parts, async () => {
    const { signature } = directory.describe(model, version);
    const decoded = decodeGenerateRequest(await bodyOf(request, maxBodyBytes, senderOf(request)), signature);
    return { decoded, result: await run(request, parts, record, decoded) };
  });
  const json = encodeGenerateResponse(result, decoded);
  record.answered(result);
  nameWhoServed(reply, result, record);
  return send(reply, json);
}

/** The same answer as the only event of a stream: a model gives one answer for one request. */
export function generateAsEvents(request: RestRequest, reply: FastifyReply, parts: RestParts): Promise<FastifyReply> {
  return generate(request, reply, parts, sendEvent);
}

/** Tells of an inference that failed; one whose body was refused before its handler is an inference all the same. */
export function tellOfFailure(error: unknown, request: FastifyRequest, reply: FastifyReply, parts: RestParts): void {
  const isInference = request.method === 'POST' && INFERENCES.test(request.routeOptions.url ?? '');
  const record = request.record ?? (isInference ? follow(request, parts) : undefined);
  record?.failed(error);
  if (record?.traceparent !== undefined) void reply.header('traceparent', record.traceparent);
}

/** An inference under the limits of its sender, who may infer. @throws RATE_LIMITED */
async function counted<Answer>(
  { caller, params, body }: RestRequest,
  { access }: RestParts,
  infer: () => Promise<Answer>,
): Promise<Answer> {
  const pass = access.passCaller(caller, params.model, body?.byteLength ?? 0);
  try {
    return await infer();
  } finally {
    pass.end();
  }
}

function begin(request: RestRequest, parts: RestParts): RequestRecord {
  const record = follow(request, parts);
  request.record = record;
  refuseInVain(request.params, parts);
  return record;
}

function nameWhoServed(
  reply: FastifyReply,
  { modelVersion, role, isFallback }: InferenceResult,
  { traceparent }: RequestRecord,
): void {
  if (traceparent !== undefined) void reply.header('traceparent', traceparent);
  void reply.header('slipway-served-by', String(modelVersion));
  if (role !== 'stable') void reply.header('slipway-role', role);
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
