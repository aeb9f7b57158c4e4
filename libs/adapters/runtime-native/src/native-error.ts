import { DomainError, type ErrorCode } from '#domain/errors';

/** The catalogue's codes for the addon's. */
const CODE_OF: Readonly<Record<string, ErrorCode>> = {
  MODEL_LOAD_FAILED: 'MODEL_LOAD_FAILED',
  PROVIDER_UNAVAILABLE: 'MODEL_LOAD_FAILED',
  MODEL_RUN_FAILED: 'MODEL_RUN_FAILED',
  RUN_CANCELLED: 'DEADLINE_EXCEEDED',
  UNSUPPORTED: 'UNSUPPORTED',
};

/**
 * An error of the addon as the catalogue has it.
 *
 * @param otherwise the code of errors that the catalogue does not tell apart.
 * @param limitMs of the run that failed, if it had one.
 */
export function translated(error: unknown, otherwise: ErrorCode, limitMs?: number): Error {
  if (error instanceof DomainError) return error;
  const { code, message } = error as Error & { readonly code?: string };
  const ours = CODE_OF[code ?? ''] ?? otherwise;
  const isLate = ours === 'DEADLINE_EXCEEDED' && limitMs !== undefined;
  const text = isLate ? `the model did not answer within ${Math.round(limitMs)} ms` : message;
  return new DomainError(ours, text, {}, { cause: error });
}
