import type { ApolloServerPlugin } from '@apollo/server';
import { ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import { RETRY_AFTER_SECONDS } from './wire-error.ts';

const SERVICE_UNAVAILABLE = 503;

/**
 * Answers an operation that came to nothing because something was out of reach as HTTP says it, so that proxies and clients that know no
 * GraphQL can repeat it. What was answered in part keeps its status.
 */
export const tellUnavailable: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body, http } }) => {
      if (body.kind !== 'single' || body.singleResult.data != null) return;
      const codes = (body.singleResult.errors ?? []).map(({ extensions }) => extensions?.['code']);
      if (!codes.some(isUnavailable)) return;
      http.status = SERVICE_UNAVAILABLE;
      http.headers.set('retry-after', String(RETRY_AFTER_SECONDS));
    },
  }),
};

function isUnavailable(code: unknown): boolean {
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code)
    ? ERROR_CATALOGUE[code as ErrorCode].kind === 'unavailable'
    : false;
}
