import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain/errors';

/** A request of any route: the body is bytes, whatever its type. */
export type RestRequest = FastifyRequest<{
  Params: { readonly model: string; readonly version?: string; readonly region?: string };
  Body: Buffer | undefined;
}>;
type Handler = (request: RestRequest, reply: FastifyReply) => unknown;

/** Every method that HTTP clients send; a path answers those that it does not take with 405. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'] as const;

/** Routes of a scope. HEAD comes with GET, and once all are there every other method of their paths is refused. */
export class RouteSet {
  readonly #scope: FastifyInstance;
  readonly #methods = new Map<string, Set<string>>();

  constructor(scope: FastifyInstance) {
    this.#scope = scope;
  }

  get(path: string, handler: Handler): void {
    this.#add('GET', path, handler);
    this.#methods.get(path)?.add('HEAD');
  }

  post(path: string, handler: Handler): void {
    this.#add('POST', path, handler);
  }

  /** Call it once, after the last route. */
  refuseOtherMethods(): void {
    for (const [path, allowed] of this.#methods) {
      const method = METHODS.filter((each) => !allowed.has(each));
      const allow = METHODS.filter((each) => allowed.has(each)).join(', ');
      this.#scope.route({
        method,
        url: path,
        // Before the body: it is not worth reading.
        onRequest: (request, reply, done) => {
          void reply.header('allow', allow);
          done(new DomainError('METHOD_NOT_ALLOWED', `${request.method} is not for this path: use ${allow}`));
        },
        handler: () => {},
      });
    }
  }

  #add(method: 'GET' | 'POST', path: string, handler: Handler): void {
    const methods = this.#methods.get(path) ?? new Set();
    this.#methods.set(path, methods.add(method));
    this.#scope.route<{ Params: RestRequest['params']; Body: Buffer | undefined }>({
      method,
      url: path,
      handler: (request, reply) => handler(request, reply),
    });
  }
}
