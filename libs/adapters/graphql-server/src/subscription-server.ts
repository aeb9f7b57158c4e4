import type { Server } from 'node:http';
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

/** What subscriptions need beside the HTTP server. */
export interface SubscriptionServerParts {
  readonly path: string;
  readonly schema: GraphQLSchema;
  /** The same as for operations by HTTP. */
  readonly checks: readonly OperationCheck[];
  readonly formatError: (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError;
  /** What resolvers are given, from what the client said when it connected. It may refuse by throwing. */
  readonly contextOf: (connectionParams: Readonly<Record<string, unknown>>) => object;
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
      context: ({ connectionParams }) => contextOf(connectionParams ?? {}),
      onSubscribe: (connection, _id, payload) => {
        try {
          contextOf(connection.connectionParams ?? {});
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
