import type { SpanAttributes } from '#adapters/telemetry';
import type { WireError } from '#adapters/wire-errors';

/** The way by which a request came. */
export type Protocol = 'rest' | 'grpc';

/** An endpoint that infers, as traces name it. */
export interface InferenceOperation {
  readonly protocol: Protocol;
  readonly spanName: string;
  readonly attributes: SpanAttributes;
  /** What is said of its end. @param error `undefined` when it was answered. */
  readonly statusOf: (error: WireError | undefined) => SpanAttributes;
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server */
export function restOperation(route: string): InferenceOperation {
  return {
    protocol: 'rest',
    spanName: `POST ${route}`,
    attributes: { 'http.request.method': 'POST', 'http.route': route },
    statusOf: (error) => ({ 'http.response.status_code': error?.httpStatus ?? 200 }),
  };
}

/** @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
export function grpcOperation(service: string, method: string): InferenceOperation {
  return {
    protocol: 'grpc',
    spanName: `${service}/${method}`,
    attributes: { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method },
    statusOf: (error) => ({ 'rpc.grpc.status_code': error?.grpcStatus ?? 0 }),
  };
}
