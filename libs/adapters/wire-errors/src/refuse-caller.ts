import type { FastifyReply, FastifyRequest } from 'fastify';
import { graphqlErrorFormatter } from './graphql-errors.ts';
import { type FailureLog, headersOf, replyWithError } from './reply-with-error.ts';
import { toWireError } from './wire-error.ts';

/**
 * Answers requests whose sender is not let in, in the form of what was asked for.
 *
 * @param graphqlPath where GraphQL is, if it is anywhere; failures there are told as GraphQL tells them, with the status and headers of HTTP
 * all the same.
 */
export function refuseCaller(graphqlPath: string | undefined, log: FailureLog) {
  const formatError = graphqlErrorFormatter(log);
  return (request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply => {
    if (graphqlPath === undefined || request.routeOptions.url !== graphqlPath) return replyWithError(reply, error, log);
    const wire = toWireError(error);
    void reply.code(wire.httpStatus).headers(headersOf(wire));
    return reply.send({ errors: [formatError({ message: wire.message }, error)] });
  };
}
