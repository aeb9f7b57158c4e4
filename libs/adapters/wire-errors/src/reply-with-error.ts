import type { FastifyReply } from 'fastify';
import { DomainError } from '#domain/errors';
import { RETRY_AFTER_SECONDS, toWireError, type WireError } from './wire-error.ts';

/** What a client is asked for that has shown nothing, or what is not valid. @see RFC 6750, section 3 */
const AUTHENTICATE = 'Bearer realm="slipway"';
const UNAUTHORIZED = 401;

/** Where causes that clients must not see are kept. */
export interface FailureLog {
  error(details: object, message: string): void;
}

/** The answer to a failed REST request. */
export interface ErrorReply {
  readonly status: number;
  /** What HTTP says beside the body: `retry-after` in seconds where repeating helps, `www-authenticate` where a credential is wanted. */
  readonly headers: Readonly<Record<string, string>>;
  /** `{"error": text, "code": CODE, …context}`, with a correlation id where the cause is in the log. */
  readonly body: object;
}

/** What a client is told of a failure; the rest goes to the log. */
export function errorReplyOf(error: unknown, log: FailureLog): ErrorReply {
  const wire = toWireError(refusalOf(error) ?? error);
  const { correlationId } = wire;
  if (correlationId !== undefined) log.error({ err: error, correlationId }, 'request failed');
  const correlation = correlationId === undefined ? {} : { correlationId };
  return {
    status: wire.httpStatus,
    headers: headersOf(wire),
    body: { error: wire.message, code: wire.code, ...wire.context, ...correlation },
  };
}

/** What HTTP says of a failure beside its status. */
export function headersOf(wire: WireError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (wire.isRetryable) headers['retry-after'] = String(secondsUntilRetry(wire));
  if (wire.httpStatus === UNAUTHORIZED) headers['www-authenticate'] = AUTHENTICATE;
  return headers;
}

function secondsUntilRetry({ context: { retryAfterSeconds } }: WireError): number {
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : RETRY_AFTER_SECONDS;
}

/** Answers a failed request of Fastify's. */
export function replyWithError(reply: FastifyReply, error: unknown, log: FailureLog): FastifyReply {
  const { status, headers, body } = errorReplyOf(error, log);
  return reply.code(status).headers(headers).send(body);
}

/** Fastify's own refusals (a body too large, a bad URL) carry a 4xx status. */
function refusalOf(error: unknown): DomainError | undefined {
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (error instanceof DomainError || statusCode === undefined || statusCode < 400 || statusCode > 499)
    return undefined;
  if (statusCode === 413)
    return new DomainError('REQUEST_TOO_LARGE', `the body is larger than this server takes: ${message}`);
  return new DomainError('REQUEST_MALFORMED', message);
}
