import { DomainError } from '#domain/errors';
import { StoreRefusal } from './watched-transport.ts';

const LOST_CODES = new Set(['PreconditionFailed', 'NotModified']);
const ABSENT_CODES = new Set(['NoSuchKey', 'NotFound', 'NoSuchObject']);
/**
 * The request changed nothing, for a reason that passes. A conflict says nothing of a condition: there need be no winner.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
const UNDONE_CODES = new Set(['ConditionalRequestConflict', 'OperationAborted', 'SlowDown', 'ECONNREFUSED']);
const BROKEN_CODES = new Set(['ECONNRESET', 'EPIPE']);

/** An object came with other bytes than were written. */
export class DamagedAnswer extends Error {
  readonly code = 'damaged bytes';
}

/** Whether a request that failed had no effect, and may have one if it is made again. */
export function isUndone(error: unknown): boolean {
  return UNDONE_CODES.has(codeOf(error) ?? '');
}

/**
 * Whether a request that may happen twice is worth making again. One that met with silence is not: its client has waited long
 * enough.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof StoreRefusal || error instanceof DamagedAnswer) return true;
  return isUndone(error) || BROKEN_CODES.has(codeOf(error) ?? '');
}

export function isAbsent(error: unknown): boolean {
  return ABSENT_CODES.has(codeOf(error) ?? '');
}

export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/**
 * What a failure of the store is to its user.
 *
 * @param conditionalKey of a write under a condition.
 */
export function translated(error: unknown, conditionalKey?: string): unknown {
  if (error instanceof DomainError) return error;
  const { cause } = error as { cause?: unknown };
  if (cause instanceof DomainError) return cause;
  const code = codeOf(error);
  const isLost =
    code !== undefined && (LOST_CODES.has(code) || (conditionalKey !== undefined && ABSENT_CODES.has(code)));
  if (isLost) {
    return new DomainError('PRECONDITION_FAILED', `${conditionalKey} is not in the state that the write expected`);
  }
  return new DomainError(
    'STORE_UNAVAILABLE',
    `the object store failed with ${code ?? 'an unknown error'}`,
    {},
    { cause: error },
  );
}
