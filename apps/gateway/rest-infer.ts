import type { IncomingMessage, ServerResponse } from 'node:http';
import { peerOf } from '#adapters/http-access';
import { compressed, encodeRestResponse, wantedEncoding } from '#adapters/open-inference';
import { errorReplyOf } from '#adapters/wire-errors';
import { FREE_PASS } from '#application/access';
import type { InferenceResult } from '#application/serving';
import { isDomainError } from '#domain/errors';
import { collectBody } from './body-collector.ts';
import { release } from './external-memory.ts';
import type { RestInferences } from './inference-server.ts';
import type { RequestRecord } from './inference-telemetry.ts';
import {
  askedBy,
  checkSender,
  decode,
  follow,
  isWorthReading,
  type ModelParams,
  type RestExchange,
  refuseInVain,
  run,
  type UnreadRequest,
} from './rest-exchange.ts';
import { type RestReply, replyBy } from './rest-reply.ts';
import type { RestParts } from './serving-parts.ts';

/** Errors after which the rest of the connection is not worth reading. */
const LAST_WORDS = ['REQUEST_TOO_LARGE', 'REQUEST_MALFORMED', 'SHUTTING_DOWN'] as const;

/** Inferences over REST, as the server below Fastify asks for them. */
export function restInferences(parts: RestParts): RestInferences {
  return {
    maxBodyBytes: parts.maxBodyBytes,
    wants: (request) => isWorthReading(request, parts),
    answer: (exchange, reply) => void answerInference(exchange, reply, parts),
    take: (message, response, params) => infer(message, response, params, parts),
  };
}

/** Reads an inference request off its connection and answers it. */
function infer(message: IncomingMessage, response: ServerResponse, params: ModelParams, parts: RestParts): void {
  const { headers } = message;
  const request = { headers, params, peer: peerOf(message.socket) };
  const reply = replyBy(response);
  const fail = (error: unknown) =>
    answerFailure(
      follow({ headers }, parts),
      error,
      reply,
      parts,
      LAST_WORDS.some((code) => isDomainError(error, code)),
    );
  const read = () => {
    refuseInVain(params, parts);
    collectBody(message, parts.maxBodyBytes, (error, body) => {
      if (error === null) void answerInference({ ...request, body }, reply, parts);
      else fail(error);
    });
  };
  try {
    const checking = checkSender(request, parts);
    if (checking === undefined) read();
    else void checking.then(read).catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** The hot path of REST; HOT_PATH.md draws it. */
export async function answerInference(
  exchange: UnreadRequest & RestExchange,
  reply: RestReply,
  parts: RestParts,
): Promise<void> {
  const record = follow(exchange, parts);
  let pass = FREE_PASS;
  try {
    const passing = parts.access.passInference(askedBy(exchange), exchange.body?.byteLength ?? 0);
    pass = passing instanceof Promise ? await passing : passing;
    refuseInVain(exchange.params, parts);
    const sender = { address: exchange.peer.address, isGone: () => reply.isGone };
    const decoding = decode(exchange, sender, parts);
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    const result = await run(exchange, parts, record, decoded);
    const encoded = encodeRestResponse(result, decoded);
    record.answered(result);
    // Its runs are over but a mirrored one, and what is kept of the inputs is kept as a copy.
    if (exchange.body !== undefined && result.isMirrored !== true) release(exchange.body);
    const headers = headersOf(result, record, encoded.headerLength);
    const wanted = wantedEncoding(exchange.headers['accept-encoding']);
    if (wanted === undefined) send(reply, 200, headers, encoded.body);
    else send(reply, 200, [...headers, 'content-encoding', wanted], await compressed(encoded.body, wanted));
  } catch (error) {
    answerFailure(record, error, reply, parts, isDomainError(error, 'SHUTTING_DOWN'));
  } finally {
    pass.end();
  }
}

/** Names and values in turn, as Node.js writes them soonest. */
function headersOf(
  { modelVersion, role, isFallback }: InferenceResult,
  { traceparent }: RequestRecord,
  headerLength: number | undefined,
): string[] {
  const headers = ['slipway-served-by', String(modelVersion)];
  if (headerLength === undefined) headers.push('content-type', 'application/json');
  else {
    headers.push('content-type', 'application/octet-stream');
    headers.push('inference-header-content-length', String(headerLength));
  }
  if (role !== 'stable') headers.push('slipway-role', role);
  if (isFallback) headers.push('slipway-fallback', 'true');
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  return headers;
}

function answerFailure(
  record: RequestRecord,
  error: unknown,
  reply: RestReply,
  { logger }: RestParts,
  isLast: boolean,
): void {
  record.failed(error);
  const { status, headers: told, body } = errorReplyOf(error, logger);
  const headers = ['content-type', 'application/json; charset=utf-8'];
  for (const [name, value] of Object.entries(told)) headers.push(name, value);
  if (record.traceparent !== undefined) headers.push('traceparent', record.traceparent);
  send(reply, status, headers, JSON.stringify(body), isLast);
}

function send(reply: RestReply, ...answer: Parameters<RestReply['send']>): void {
  if (!reply.isGone) reply.send(...answer);
}
