import type { ServerUnaryCall, ServiceError, sendUnaryData } from '@grpc/grpc-js';
import type { Logger } from '#adapters/telemetry';
import { toWireError } from '#adapters/wire-errors';

/** A unary method that answers at once; what it throws becomes the call's status. */
export function unary<Request, Response>(logger: Logger, answer: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      callback(serviceError(error, logger));
    }
  };
}

/** A failure as a gRPC status: its details begin with the code of the catalogue. */
export function serviceError(error: unknown, logger: Logger): Pick<ServiceError, 'code' | 'details'> {
  const wire = toWireError(error);
  if (wire.correlationId !== undefined)
    logger.error({ err: error, correlationId: wire.correlationId }, 'request failed');
  return { code: wire.grpcStatus, details: `${wire.code}: ${wire.message}` };
}
