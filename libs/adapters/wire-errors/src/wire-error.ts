import { randomUUID } from 'node:crypto';
import { DomainError, type ErrorCode, type ErrorContext, type ErrorKind } from '#domain/errors';

/** The status of each kind of failure on each wire. gRPC numbers are those of google.rpc.Code. */
const STATUS: Record<ErrorKind, { readonly http: number; readonly grpc: number }> = {
  invalid: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  denied: { http: 403, grpc: 7 },
  'not-found': { http: 404, grpc: 5 },
  conflict: { http: 409, grpc: 9 },
  overloaded: { http: 429, grpc: 8 },
  unavailable: { http: 503, grpc: 14 },
  deadline: { http: 504, grpc: 4 },
  internal: { http: 500, grpc: 13 },
};

/** Codes whose status differs from that of their kind. */
const EXCEPTIONS: Partial<Record<ErrorCode, { readonly http: number; readonly grpc: number }>> = {
  REQUEST_TOO_LARGE: { http: 413, grpc: 8 },
  METHOD_NOT_ALLOWED: { http: 405, grpc: 12 },
  UNSUPPORTED: { http: 400, grpc: 12 },
  MODEL_ALREADY_EXISTS: { http: 409, grpc: 6 },
  PRECONDITION_FAILED: { http: 412, grpc: 10 },
};

/** A failure as a client sees it, whatever the transport. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly httpStatus: number;
  readonly grpcStatus: number;
  readonly isRetryable: boolean;
  readonly context: ErrorContext;
  /** Set for failures of ours: the same id stands in the log beside the cause. */
  readonly correlationId?: string;
}

/** Whatever it says, it fits into the header lists of 8 KiB that some clients take. */
const MAX_MESSAGE_LENGTH = 800;

/** Seconds after which a client may repeat a request that was refused or found nothing ready. */
export const RETRY_AFTER_SECONDS = 1;

/**
 * Translates anything thrown into what the client may see. Unknown failures become INTERNAL with a correlation id and none of
 * their text; the caller logs the original beside `correlationId`.
 */
export function toWireError(error: unknown): WireError {
  if (!(error instanceof DomainError)) {
    const correlationId = randomUUID();
    const message = `internal error; the server's log has the cause under ${correlationId}`;
    return {
      code: 'INTERNAL',
      message,
      ...statusOf('INTERNAL', 'internal'),
      isRetryable: false,
      context: {},
      correlationId,
    };
  }
  const { code, kind, isRetryable, context } = error;
  const visible = { code, message: carriable(error.message), ...statusOf(code, kind), isRetryable, context };
  return kind === 'internal' ? { ...visible, correlationId: randomUUID() } : visible;
}

/**
 * A message as every wire can carry it. gRPC's travels in a header: one that is too long ends the client's connection, and one that is no
 * well-formed Unicode cannot be encoded at all.
 */
function carriable(message: string): string {
  const text = message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;
  return text.toWellFormed();
}

function statusOf(code: ErrorCode, kind: ErrorKind): { httpStatus: number; grpcStatus: number } {
  const status = EXCEPTIONS[code] ?? STATUS[kind];
  return { httpStatus: status.http, grpcStatus: status.grpc };
}
