import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { isDomainError } from '#domain/errors';
import type { FailureLog } from './reply-with-error.ts';
import { toWireError } from './wire-error.ts';

/** Gives every GraphQL error its code, and keeps what an unexpected one says in the log. */
export function graphqlErrorFormatter(log: FailureLog) {
  return (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const cause = thrown instanceof GraphQLError ? (thrown.originalError ?? thrown) : thrown;
    const place = {
      ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
      ...(formatted.path === undefined ? {} : { path: formatted.path }),
    };
    // The document itself was wrong: syntax, validation, a variable's type.
    if (cause instanceof GraphQLError && !isDomainError(cause)) {
      return { message: formatted.message, ...place, extensions: { code: 'INPUT_INVALID', retryable: false } };
    }
    const wire = toWireError(cause);
    if (wire.correlationId !== undefined)
      log.error({ err: cause, correlationId: wire.correlationId }, 'request failed');
    const { code, isRetryable, context, correlationId } = wire;
    return {
      message: wire.message,
      ...place,
      extensions: {
        code,
        retryable: isRetryable,
        ...context,
        ...(correlationId === undefined ? {} : { correlationId }),
      },
    };
  };
}
