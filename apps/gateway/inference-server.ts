import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { FastifyServerFactory } from 'fastify';
import type { ProgramTls } from '#apps/tls';
import type { ConnectionTimes } from './connection-limits.ts';
import { InferenceConnection, type PlainInferences } from './inference-connection.ts';
import { inferredModel } from './inference-path.ts';
import type { ModelParams } from './rest-exchange.ts';

/** Answers inferences, whoever has read them. */
export interface RestInferences extends PlainInferences {
  /** Takes one that Node.js has read the head of. */
  take(message: IncomingMessage, response: ServerResponse, params: ModelParams): void;
}

/**
 * The HTTP server below Fastify, and below the hooks that Nest puts before every route of it: inferences are answered here, plain ones
 * before Node.js reads them, and everything else by Fastify. Together that is twice as many small requests on a core
 * (`npm run bench -- gateway`).
 */
export function inferenceServer(
  inferences: RestInferences,
  options: ServerOptions & ConnectionTimes,
  tls?: Pick<ProgramTls, 'serverOptions' | 'attend'>,
): FastifyServerFactory {
  return (handleWithFastify) => {
    const handle = (message: IncomingMessage, response: ServerResponse) => {
      const params = message.method === 'POST' ? inferredModel(message.url ?? '') : undefined;
      if (params === undefined) handleWithFastify(message, response);
      else inferences.take(message, response, params);
    };
    if (tls === undefined) {
      const server = createServer(options, handle);
      takePlainInferences(server, 'connection', inferences, options);
      return server;
    }
    // As without TLS: who has sent everything may say so, and read on.
    const secured = { ...options, ...tls.serverOptions, allowHalfOpen: true };
    const server = createTlsServer(secured, handle) as unknown as Server;
    takePlainInferences(server, 'secureConnection', inferences, options);
    // Before those, so that a client who is not let in is not read from.
    tls.attend(server as unknown as TlsServer);
    return server;
  };
}

/** @param opened the event that tells of a connection that can be read. */
function takePlainInferences(
  server: Server,
  opened: 'connection' | 'secureConnection',
  inferences: PlainInferences,
  times: ConnectionTimes,
): void {
  /** Those that Node.js does not know of. */
  const connections = new Set<InferenceConnection>();
  const serveHttp = server.listeners(opened);
  server.removeAllListeners(opened);
  server.on(opened, (socket: Socket) => {
    const connection: InferenceConnection = new InferenceConnection(socket, inferences, times, (isOver) => {
      connections.delete(connection);
      // As if it had just come: what has been read of it was put back.
      if (!isOver) for (const serve of serveHttp) serve.call(server, socket);
    });
    connections.add(connection);
  });
  const { connectionsCheckingInterval: intervalMs } = times;
  const sweep = setInterval(() => {
    for (const connection of connections) connection.expire(intervalMs, times);
  }, intervalMs).unref();
  server.once('close', () => clearInterval(sweep));
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    for (const connection of connections) connection.endSoon();
    closeIdle();
  };
}
