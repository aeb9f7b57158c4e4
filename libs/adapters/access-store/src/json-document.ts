import { DomainError } from '#domain/errors';

/** A document of ours as it is stored. @param form for people to read, or as short as can be. */
export function encodeDocument(
  document: { readonly schema: string; readonly [field: string]: unknown },
  form: 'readable' | 'compact' = 'readable',
): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, form === 'readable' ? 2 : undefined)}\n`);
}

/** @throws RECORD_INVALID when the bytes are no document of the schema. */
export function decodeDocument(bytes: Uint8Array, schema: string): object {
  let document: { readonly schema?: unknown } | null;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalidDocument(schema, { cause: error });
  }
  if (document?.schema !== schema) throw invalidDocument(schema);
  return document;
}

export function invalidDocument(schema: string, options?: ErrorOptions): DomainError {
  return new DomainError('RECORD_INVALID', `what is stored is no ${schema} that this program reads`, {}, options);
}
