import type { Metadata, ServerUnaryCall, ServiceError, sendUnaryData } from '@grpc/grpc-js';
import { authorizationOf } from '#adapters/grpc-access';
import type { Logger } from '#adapters/telemetry';
import { toWireError } from '#adapters/wire-errors';
import type { Caller } from '#application/access';
import { type OperationAccess, requireOperation } from './operation-access.ts';
import type { GrpcParts } from './serving-parts.ts';

type UnaryHandler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  callback: sendUnaryData<Response>,
) => void;

/** What a call shows of who makes it. */
export interface ShownByCall {
  readonly metadata: Metadata;
  getPeer(): string;
}

/** Makes unary methods that answer at once, each with what it asks of its caller; what one throws becomes the call's status. */
export class UnaryMethods {
  readonly #parts: GrpcParts;

  constructor(parts: GrpcParts) {
    this.#parts = parts;
  }

  /** One that asks nobody. */
  publicly<Request, Response>(answer: (request: Request) => Response): UnaryHandler<Request, Response> {
    return this.#method(({ request }) => answer(request));
  }

  /** One about the server as a whole, or about each deployment. */
  ofServer<Request, Response>(
    operation: OperationAccess & { readonly on: 'anybody' | 'server' | 'each' },
    answer: (request: Request, caller: Caller) => Response,
  ): UnaryHandler<Request, Response> {
    return this.#method(async (call) => {
      const caller = await callerOf(call, this.#parts);
      requireOperation(operation, this.#parts.access, caller, '');
      return answer(call.request, caller);
    });
  }

  /** One about a deployment. @param nameIn the request. */
  ofModel<Request, Response>(
    operation: OperationAccess & { readonly on: 'model' },
    nameIn: (request: Request) => string,
    answer: (request: Request) => Response,
  ): UnaryHandler<Request, Response> {
    return this.#method(async (call) => {
      const caller = await callerOf(call, this.#parts);
      requireOperation(operation, this.#parts.access, caller, nameIn(call.request));
      return answer(call.request);
    });
  }

  #method<Request, Response>(
    answer: (call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
  ): UnaryHandler<Request, Response> {
    return async (call, callback) => {
      try {
        callback(null, await answer(call));
      } catch (error) {
        callback(serviceError(error, this.#parts.logger));
      }
    };
  }
}

/** Who makes a call. @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE */
export function callerOf(call: ShownByCall, { access, peers }: GrpcParts): Caller | Promise<Caller> {
  const { metadata } = call;
  const headers = metadata.toHttp2Headers();
  return access.admit({ authorization: authorizationOf(metadata), peer: peers.of(call), headers });
}

/** A failure as a gRPC status: its details begin with the code of the catalogue. */
export function serviceError(error: unknown, logger: Logger): Pick<ServiceError, 'code' | 'details'> {
  const wire = toWireError(error);
  if (wire.correlationId !== undefined)
    logger.error({ err: error, correlationId: wire.correlationId }, 'request failed');
  return { code: wire.grpcStatus, details: `${wire.code}: ${wire.message}` };
}
