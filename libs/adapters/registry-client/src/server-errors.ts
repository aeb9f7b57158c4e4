import { DomainError, ERROR_CATALOGUE, type ErrorCode, type ErrorContext } from '#domain/errors';

/** The error that a failed REST request names in its body. */
export function restError(status: number, body: string): DomainError {
  let named: { error?: string; code?: string } = {};
  try {
    named = JSON.parse(body) as typeof named;
  } catch {
    // Something between us and the registry answered.
  }
  if (named.code === undefined && status >= 500) {
    return new DomainError('REGISTRY_UNAVAILABLE', `the registry answered with status ${status}`);
  }
  return serverError(named.code, named.error ?? `the registry answered with status ${status}`, {});
}

export function serverError(code: unknown, message: string, context: Record<string, unknown>): DomainError {
  const known = typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'INTERNAL';
  return new DomainError(known, message, context as ErrorContext);
}

export function unavailable(baseUrl: string, reason: string, cause?: unknown): DomainError {
  return new DomainError(
    'REGISTRY_UNAVAILABLE',
    `the registry at ${baseUrl} cannot be reached: ${reason}`,
    {},
    { cause },
  );
}
