import type { FastifyReply } from 'fastify';
import { DomainError } from '#domain/errors';
import { RETRY_AFTER_SECONDS, toWireError, type WireError } from './wire-error.ts';

/** Where causes that clients must not see are kept. */
export interface FailureLog {
  error(details: object, message: string): void;
}

/** The answer to a failed REST request. */
export interface ErrorReply {
  readonly status: number;
  /** Seconds, where repeating helps. */
  readonly retryAfter: number | undefined;
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
    retryAfter: wire.isRetryable ? secondsUntilRetry(wire) : undefined,
    body: { error: wire.message, code: wire.code, ...wire.context, ...correlation },
  };
}

function secondsUntilRetry({ context: { retryAfterSeconds } }: WireError): number {
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : RETRY_AFTER_SECONDS;
}

/** Answers a failed request of Fastify's. */
export function replyWithError(reply: FastifyReply, error: unknown, log: FailureLog): FastifyReply {
  const { status, retryAfter, body } = errorReplyOf(error, log);
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  return reply.code(status).send(body);
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
