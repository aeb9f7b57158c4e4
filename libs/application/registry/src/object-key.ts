import { DomainError } from '#domain/errors';

const SEGMENT = /^[A-Za-z0-9._~:-]+$/;
const MAX_KEY_LENGTH = 900;

/**
 * Checks a key before it reaches any store, so that no name from outside can leave the key space.
 *
 * @throws INPUT_INVALID when a segment is empty, `.` or `..`, or has a character that a store may treat specially.
 */
export function assertObjectKey(key: string): void {
  const isValid =
    key.length <= MAX_KEY_LENGTH &&
    key.split('/').every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..');
  if (!isValid) throw new DomainError('INPUT_INVALID', `${JSON.stringify(key.slice(0, 80))} is not an object key`);
}
