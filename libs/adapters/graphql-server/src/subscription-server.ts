import type { IncomingMessage, Server } from 'node:http';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { DomainError } from '#domain/errors';
import { MAX_TOKENS, type OperationCheck } from './graphql-limits.ts';

const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_SUBSCRIPTIONS = 100;
/** A credential that has expired or was revoked ends its subscriptions so soon. */
const RENEWAL_MS = 5000;
/** @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md#invalid-message for the codes */
const UNAUTHORIZED = 4401;

/** What subscriptions need beside the HTTP server. */
export interface SubscriptionServerParts {
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** The same as for operations by HTTP. */
  readonly checks: readonly OperationCheck[];
  readonly formatError: (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError;
  /**
   * What resolvers are given, from what the client said when it connected. It may refuse by throwing; what it once let in is asked for
   * again now and then, and ended when it is let in no more.
   */
  readonly contextOf: (
    connectionParams: Readonly<Record<string, unknown>>,
    request: IncomingMessage,
  ) => object | Promise<object>;
}

/**
 * Serves subscriptions over WebSockets. Queries and mutations go by HTTP.
 *
 * @returns what ends every subscription.
 * @see https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 */
export function serveSubscriptions(
  server: Server,
  { path, schema, checks, formatError, contextOf }: SubscriptionServerParts,
): () => Promise<void> {
  const sockets = new WebSocketServer({ server, path, maxPayload: MAX_MESSAGE_BYTES });
  const formatAll = (errors: readonly GraphQLError[]) => errors.map((error) => formatError(error.toJSON(), error));
  const disposable = useServer(
    {
      schema,
      context: ({ connectionParams, extra }) => contextOf(connectionParams ?? {}, extra.request),
      onConnect: (connection) => {
        const { socket, request } = connection.extra;
        const stop = everyNowAndThen(
          async () => contextOf(connection.connectionParams ?? {}, request),
          () => socket.close(UNAUTHORIZED, 'Unauthorized'),
        );
        socket.once('close', stop);
      },
      onSubscribe: async (connection, _id, payload) => {
        try {
          await contextOf(connection.connectionParams ?? {}, connection.extra.request);
          if (Object.keys(connection.subscriptions).length > MAX_SUBSCRIPTIONS) throw tooMany();
          assertSubscription(payload, checks);
          return undefined;
        } catch (error) {
          return [error instanceof GraphQLError ? error : asGraphqlError(error as Error)];
        }
      },
      onError: (_connection, _id, _payload, errors) => formatAll(errors),
      onNext: (_connection, _id, _payload, _args, { data = null, errors }) =>
        errors === undefined ? undefined : { data, errors: formatAll(errors) },
    },
    sockets,
  );
  return async () => {
    await disposable.dispose();
  };
}

/** Asks again and again, until it is refused or told to stop. @returns what stops it. */
function everyNowAndThen(ask: () => Promise<unknown>, onRefused: () => void): () => void {
  const timer = setInterval(() => {
    ask().catch(() => {
      clearInterval(timer);
      onRefused();
    });
  }, RENEWAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Before graphql-ws parses the document without limits. */
function assertSubscription(payload: SubscribePayload, checks: readonly OperationCheck[]): void {
  const document: DocumentNode = parse(payload.query, { maxTokens: MAX_TOKENS });
  const operation = getOperationAST(document, payload.operationName);
  if (operation == null)
    throw new DomainError('INPUT_INVALID', 'the document has no such operation', { field: 'query' });
  if (operation.operation !== 'subscription') {
    throw new DomainError(
      'INPUT_INVALID',
      `only subscriptions go over WebSockets: send the ${operation.operation} by HTTP`,
    );
  }
  for (const check of checks) check(operation, document, payload.variables ?? {});
}

function tooMany(): DomainError {
  return new DomainError('QUERY_TOO_COSTLY', `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`);
}

function asGraphqlError(error: Error): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}
