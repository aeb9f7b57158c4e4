import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain/errors';
import { type OperationAccess, requireOperation } from './operation-access.ts';
import type { ServingAccess } from './serving-access.ts';

/** A request of any route: the body is bytes, whatever its type. */
export type RestRequest = FastifyRequest<{
  Params: { readonly model: string; readonly version?: string; readonly region?: string };
  Body: Buffer | undefined;
}>;
type Handler = (request: RestRequest, reply: FastifyReply) => unknown;

/** Every method that HTTP clients send; a path answers those that it does not take with 405. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'] as const;

/**
 * Routes of a scope, each with what it asks of its caller. HEAD comes with GET, and once all are there every other method of their paths is
 * refused.
 */
export class RouteSet {
  readonly #scope: FastifyInstance;
  readonly #access: ServingAccess;
  readonly #methods = new Map<string, Set<string>>();

  constructor(scope: FastifyInstance, access: ServingAccess) {
    this.#scope = scope;
    this.#access = access;
  }

  get(path: string, operation: OperationAccess, handler: Handler): void {
    this.#add('GET', path, operation, handler);
    this.#methods.get(path)?.add('HEAD');
  }

  post(path: string, operation: OperationAccess, handler: Handler): void {
    this.#add('POST', path, operation, handler);
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

  #add(method: 'GET' | 'POST', path: string, operation: OperationAccess, handler: Handler): void {
    const methods = this.#methods.get(path) ?? new Set();
    this.#methods.set(path, methods.add(method));
    this.#scope.route<{ Params: RestRequest['params']; Body: Buffer | undefined }>({
      method,
      url: path,
      // Before the body: who may not send it need not be read.
      onRequest: async ({ caller, params }) => {
        if (operation.on !== 'public') requireOperation(operation, this.#access, caller, params.model);
      },
      handler: (request, reply) => handler(request, reply),
    });
  }
}
