import { ERROR_CATALOGUE, type ErrorCode, type ErrorKind } from './catalogue.ts';

/** Facts about a failure, for machines. Values must be safe to show to the client: no paths, hosts, keys or secrets. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * The one error class that crosses library boundaries.
 *
 * The message says what failed, which thing (`name@version`, field path), what was observed and what is allowed, and the
 * next step where there is one. `context.field` is the path of the offending field, where the request has one.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}, options?: ErrorOptions) {
    const { stackTraceLimit } = Error;
    // A refusal is made thousands of times a second, and says all that there is to know; its stack would be an eighth of its cost.
    if (ERROR_CATALOGUE[code].kind === 'overloaded') Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.context = context;
  }

  get kind(): ErrorKind {
    return ERROR_CATALOGUE[this.code].kind;
  }

  /** Whether the same request may succeed when it is sent again unchanged. */
  get isRetryable(): boolean {
    return this.kind === 'overloaded' || this.kind === 'unavailable' || this.kind === 'deadline';
  }
}

/** Whether a thrown value is a {@link DomainError}, optionally one of the given code. */
export function isDomainError(error: unknown, code?: ErrorCode): error is DomainError {
  return error instanceof DomainError && (code === undefined || error.code === code);
}
