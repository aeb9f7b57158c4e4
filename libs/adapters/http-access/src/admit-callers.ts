import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessControl, Caller } from '#application/access';
import { addressBehind } from './address-behind.ts';
import { presentedBy } from './presented.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; set for all that are not public before anything else is done with them. */
    caller: Caller;
  }
}

/** How callers are let in. */
export interface AdmitOptions {
  readonly control: AccessControl;
  /** What needs no credential, such as `/health/live`; compared with the path as the router has it, without its query. */
  readonly publicRoutes: ReadonlySet<string>;
  /** Answers a request of nobody. */
  readonly refuse: (request: FastifyRequest, reply: FastifyReply, error: unknown) => unknown;
}

/**
 * Lets every request in, or not, before it is routed to anything: whatever its method, and whether or not there is such a path. It stands
 * at the root, so that no route can be added that it does not guard.
 */
export function admitCallers(fastify: FastifyInstance, { control, publicRoutes, refuse }: AdmitOptions): void {
  fastify.decorateRequest('caller');
  fastify.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url;
    if (route !== undefined && publicRoutes.has(route)) return undefined;
    try {
      const { raw } = request;
      request.caller = await control.admit(
        presentedBy(raw),
        addressBehind(raw.socket.remoteAddress, raw.headers, control),
      );
      return undefined;
    } catch (error) {
      return refuse(request, reply, error);
    }
  });
}
