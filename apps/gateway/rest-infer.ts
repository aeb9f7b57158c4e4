import type { IncomingMessage, ServerResponse } from 'node:http';
import { compressed, encodeRestResponse, wantedEncoding } from '#adapters/open-inference';
import { errorReplyOf } from '#adapters/wire-errors';
import type { InferenceResult } from '#application/serving';
import { isDomainError } from '#domain/errors';
import { collectBody } from './body-collector.ts';
import { release } from './external-memory.ts';
import type { RequestRecord } from './inference-telemetry.ts';
import { decode, follow, type ModelParams, type RestExchange, refuseInVain, run } from './rest-exchange.ts';
import type { RestParts } from './serving-parts.ts';

/** Errors after which the rest of the connection is not worth reading. */
const LAST_WORDS = ['REQUEST_TOO_LARGE', 'REQUEST_MALFORMED', 'SHUTTING_DOWN'] as const;

/** Reads an inference request off its connection and answers it. */
export function infer(message: IncomingMessage, response: ServerResponse, params: ModelParams, parts: RestParts): void {
  const { headers } = message;
  const fail = (error: unknown) => answerFailure(follow({ headers }, parts), error, response, parts, true);
  try {
    refuseInVain(params, parts);
  } catch (error) {
    fail(error);
    return;
  }
  collectBody(message, parts.maxBodyBytes, (error, body) => {
    if (error === null) void answerInference({ headers, params, body }, response, parts);
    else fail(error);
  });
}

/** The hot path of REST; HOT_PATH.md draws it. */
export async function answerInference(
  exchange: RestExchange,
  response: ServerResponse,
  parts: RestParts,
): Promise<void> {
  const record = follow(exchange, parts);
  try {
    refuseInVain(exchange.params, parts);
    const decoding = decode(exchange, parts);
    const decoded = decoding instanceof Promise ? await decoding : decoding;
    const result = await run(exchange, parts, record, decoded);
    const encoded = encodeRestResponse(result, decoded);
    record.answered(result);
    // Its runs are over but a mirrored one, and what is kept of the inputs is kept as a copy.
    if (exchange.body !== undefined && result.isMirrored !== true) release(exchange.body);
    const headers = headersOf(result, record, encoded.headerLength);
    const wanted = wantedEncoding(exchange.headers['accept-encoding']);
    if (wanted === undefined) send(response, 200, headers, encoded.body);
    else send(response, 200, [...headers, 'content-encoding', wanted], await compressed(encoded.body, wanted));
  } catch (error) {
    answerFailure(record, error, response, parts, false);
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
  response: ServerResponse,
  { logger }: RestParts,
  isUnread: boolean,
): void {
  record.failed(error);
  const { status, retryAfter, body } = errorReplyOf(error, logger);
  const headers = ['content-type', 'application/json; charset=utf-8'];
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  if (record.traceparent !== undefined) headers.push('traceparent', record.traceparent);
  if (isUnread && LAST_WORDS.some((code) => isDomainError(error, code))) headers.push('connection', 'close');
  send(response, status, headers, JSON.stringify(body));
}

function send(response: ServerResponse, status: number, headers: string[], body: string | Uint8Array): void {
  // Nobody is there any more, or the server has given the request up.
  if (response.headersSent || response.destroyed) return;
  headers.push('content-length', String(Buffer.byteLength(body)));
  response.writeHead(status, headers).end(body);
}
