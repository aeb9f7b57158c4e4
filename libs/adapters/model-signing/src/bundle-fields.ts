import { DomainError } from '#domain/errors';

/** What is wrong with a bundle. @param at the field, as a path. */
export function problem(at: string, what: string): DomainError {
  return new DomainError('VERSION_SIGNATURE_INVALID', `the bundle cannot be used: ${at} ${what}`);
}

/** @throws VERSION_SIGNATURE_INVALID when it is no object. */
export function fieldsOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem(at, 'is no object');
  return value as Record<string, unknown>;
}

/** @throws VERSION_SIGNATURE_INVALID when it is no list. */
export function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw problem(at, 'is no list');
  return value;
}

/** @throws VERSION_SIGNATURE_INVALID when it is no text. */
export function textOf(value: unknown, at: string): string {
  if (typeof value !== 'string') throw problem(at, 'is no text');
  return value;
}

/** @throws VERSION_SIGNATURE_INVALID when it is not exactly what encoding some bytes gives. */
export function bytesOf(value: unknown, at: string): Buffer {
  const text = textOf(value, at);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text) throw problem(at, 'is no base64, or is cut off');
  return bytes;
}

/** @throws VERSION_SIGNATURE_INVALID when it is no JSON. */
export function jsonOf(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problem(at, 'is no JSON');
  }
}
