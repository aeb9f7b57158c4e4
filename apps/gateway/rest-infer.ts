import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  compressed,
  type DecodedBody,
  decodeGenerateRequest,
  decodeRestRequest,
  encodeGenerateResponse,
  encodeRestResponse,
  wantedEncoding,
} from '#adapters/open-inference';
import type { TraceCarrier } from '#adapters/telemetry';
import type { InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { refuseWhileDraining } from './draining.ts';
import { release } from './external-memory.ts';
import { restOperation } from './inference-operation.ts';
import type { InferenceTelemetry, RequestRecord } from './inference-telemetry.ts';
import { bodyOf } from './rest-body.ts';
import type { RestRequest } from './route-set.ts';
import type { RestParts } from './serving-parts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Follows an inference request; `undefined` for others, and for one whose body was refused. */
    record: RequestRecord | undefined;
  }
}

const INFER = restOperation('/v2/models/{model}/infer');
const INFERENCES = /\/(infer|generate)(_stream)?$/;

/** The hot path of REST; HOT_PATH.md draws it. */
export async function infer(request: RestRequest, reply: FastifyReply, parts: RestParts): Promise<FastifyReply> {
  const record = begin(request, parts);
  const decoded = await decode(request, parts);
  const result = await run(request, parts, record, decoded);
  const encoded = encodeRestResponse(result, decoded);
  record.answered(result);
  releaseBody(request);
  nameWhoServed(reply, result, record);
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
  const record = begin(request, parts);
  const decoded = await decode(request, parts);
  const result = await run(request, parts, record, decoded);
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
  const decoded = decodeGenerateRequest(
    await bodyOf(request, maxBodyBytes),
    directory.describe(model, version).signature,
  );
  const result = await run(request, parts, record, decoded);
  const json = encodeGenerateResponse(result, decoded);
  record.answered(result);
  nameWhoServed(reply, result, record);
  return send(reply, json);
}

/** The same answer as the only event of a stream: a model gives one answer for one request. */
export function generateAsEvents(request: RestRequest, reply: FastifyReply, parts: RestParts): Promise<FastifyReply> {
  return generate(request, reply, parts, sendEvent);
}

/** Follows the request from here on. */
function begin(request: RestRequest, { telemetry, pipeline, isDraining }: RestParts): RequestRecord {
  const record = telemetry.begin(INFER, carrierOf(request.headers));
  request.record = record;
  refuseWhileDraining(isDraining);
  pipeline.refuseIfFull(request.params.model);
  return record;
}

function run(
  { params }: RestRequest,
  { pipeline }: RestParts,
  record: RequestRecord,
  decoded: Pick<DecodedBody, 'id' | 'inputs' | 'outputNames' | 'timeoutMs' | 'priority' | 'sequence'>,
): Promise<InferenceResult> {
  const { model, version = '' } = params;
  const observer = record.asked(model, decoded, decoded.id);
  return pipeline.infer({ modelName: model, modelVersion: version, ...decoded, observer });
}

/** Tells of an inference that failed; one whose body was refused before its handler is an inference all the same. */
export function tellOfFailure(
  telemetry: InferenceTelemetry,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const isInference = request.method === 'POST' && INFERENCES.test(request.routeOptions.url ?? '');
  const record = request.record ?? (isInference ? telemetry.begin(INFER, carrierOf(request.headers)) : undefined);
  record?.failed(error);
  if (record?.traceparent !== undefined) void reply.header('traceparent', record.traceparent);
}

function carrierOf({ traceparent, tracestate }: FastifyRequest['headers']): TraceCarrier {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}

async function decode(request: RestRequest, { directory, maxBodyBytes }: RestParts): Promise<DecodedBody> {
  const { model, version } = request.params;
  const body = await bodyOf(request, maxBodyBytes);
  return decodeRestRequest(body, headerLengthOf(request.headers), () => directory.describe(model, version).signature);
}

/** After an answer: its runs are over, and what is kept of the inputs is kept as a copy. */
function releaseBody({ body }: RestRequest): void {
  if (body !== undefined) release(body);
}

function nameWhoServed(
  reply: FastifyReply,
  { modelVersion, isFallback }: InferenceResult,
  { traceparent }: RequestRecord,
): void {
  if (traceparent !== undefined) void reply.header('traceparent', traceparent);
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
