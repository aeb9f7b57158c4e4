import type { FastifyReply } from 'fastify';
import { DomainError } from '#domain/errors';
import { RETRY_AFTER_SECONDS, toWireError } from './wire-error.ts';

/** Where causes that clients must not see are kept. */
export interface FailureLog {
  error(details: object, message: string): void;
}

/**
 * Answers a failed REST request: `{"error": text, "code": CODE, …context}` with the code's status, Retry-After where repeating
 * helps, and a correlation id where the cause is in the log.
 */
export function replyWithError(reply: FastifyReply, error: unknown, log: FailureLog): FastifyReply {
  const wire = toWireError(refusalOf(error) ?? error);
  const { correlationId } = wire;
  if (correlationId !== undefined) log.error({ err: error, correlationId }, 'request failed');
  if (wire.isRetryable) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  const correlation = correlationId === undefined ? {} : { correlationId };
  return reply.code(wire.httpStatus).send({ error: wire.message, code: wire.code, ...wire.context, ...correlation });
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
