import type { FastifyReply, FastifyRequest } from 'fastify';
import { graphqlErrorFormatter } from './graphql-errors.ts';
import { type FailureLog, replyWithError } from './reply-with-error.ts';
import { toWireError } from './wire-error.ts';

/** What a client is asked for that has shown nothing, or what is not valid. */
export const AUTHENTICATE = 'Bearer realm="slipway"';

/**
 * Answers requests whose sender is not let in, in the form of what was asked for.
 *
 * @param graphqlPath where GraphQL is, if it is anywhere; failures there are told as GraphQL tells them, with the status of HTTP all the same.
 * @see RFC 6750, section 3
 */
export function refuseCaller(graphqlPath: string | undefined, log: FailureLog) {
  const formatError = graphqlErrorFormatter(log);
  return (request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply => {
    const { httpStatus, message } = toWireError(error);
    if (httpStatus === 401) void reply.header('www-authenticate', AUTHENTICATE);
    if (graphqlPath === undefined || request.routeOptions.url !== graphqlPath) return replyWithError(reply, error, log);
    return reply.code(httpStatus).send({ errors: [formatError({ message }, error)] });
  };
}
