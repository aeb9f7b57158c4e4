/**
 * Marks the end of an exhaustive switch; a union member without a case fails the type check here.
 *
 * @throws Error when a value from outside the type reaches it at run time.
 */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
