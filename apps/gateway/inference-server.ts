import { type IncomingMessage, Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyServerFactory } from 'fastify';
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
): FastifyServerFactory {
  return (handleWithFastify) =>
    new InferenceServer(inferences, options, (message, response) => {
      const params = message.method === 'POST' ? inferredModel(message.url ?? '') : undefined;
      if (params === undefined) handleWithFastify(message, response);
      else inferences.take(message, response, params);
    });
}

class InferenceServer extends Server {
  readonly #inferences: PlainInferences;
  readonly #times: ConnectionTimes;
  /** Those that Node.js does not know of. */
  readonly #connections = new Set<InferenceConnection>();

  constructor(
    inferences: PlainInferences,
    options: ServerOptions & ConnectionTimes,
    handle: (message: IncomingMessage, response: ServerResponse) => void,
  ) {
    super(options, handle);
    this.#inferences = inferences;
    this.#times = options;
    const serveHttp = this.listeners('connection');
    this.removeAllListeners('connection');
    this.on('connection', (socket: Socket) => this.#take(socket, serveHttp));
    const { connectionsCheckingInterval: intervalMs } = options;
    const sweep = setInterval(() => this.#sweep(intervalMs), intervalMs).unref();
    this.once('close', () => clearInterval(sweep));
  }

  override closeIdleConnections(): void {
    for (const connection of this.#connections) connection.endSoon();
    super.closeIdleConnections();
  }

  #take(socket: Socket, serveHttp: readonly unknown[]): void {
    const connection: InferenceConnection = new InferenceConnection(socket, this.#inferences, this.#times, (isOver) => {
      this.#connections.delete(connection);
      // As if it had just come: what has been read of it was put back.
      if (!isOver) for (const serve of serveHttp) (serve as (socket: Socket) => void).call(this, socket);
    });
    this.#connections.add(connection);
  }

  #sweep(intervalMs: number): void {
    for (const connection of this.#connections) connection.expire(intervalMs, this.#times);
  }
}
