import { DomainError, shown } from '#domain/errors';

/** The parameters of a request that change how it is answered. Others are hints, and left alone. */
export interface RequestParameters {
  /** How long the answer is of use, in milliseconds; `undefined` leaves it to the deployment. */
  readonly timeoutMs: number | undefined;
}

const MAX_TIMEOUT_US = 3_600_000_000;

/**
 * Reads the parameters of a request.
 *
 * @param value of a parameter by its name; `undefined` when it is not given.
 * @throws REQUEST_MALFORMED naming the parameter.
 * @see Triton's schedule policy extension for `timeout`, in microseconds.
 */
export function readRequestParameters(value: (name: string) => unknown): RequestParameters {
  const timeout = value('timeout');
  if (timeout === undefined) return { timeoutMs: undefined };
  const microseconds = typeof timeout === 'string' || typeof timeout === 'bigint' ? Number(timeout) : timeout;
  const isWhole = typeof microseconds === 'number' && Number.isSafeInteger(microseconds);
  if (!isWhole || microseconds < 0 || microseconds > MAX_TIMEOUT_US) {
    throw new DomainError(
      'REQUEST_MALFORMED',
      `parameters.timeout must be microseconds, 0 to ${MAX_TIMEOUT_US}, not ${shown(timeout)}`,
      { field: 'parameters.timeout' },
    );
  }
  // 0 is what clients send when they mean none.
  return { timeoutMs: microseconds === 0 ? undefined : microseconds / 1000 };
}
