import { DomainError } from '#domain/errors';
import { parseAliasName, parseModelName } from '#domain/registry';

/** `name`, `name@3` or `name@champion`. */
export interface ModelReference {
  readonly name: string;
  readonly which: { readonly version: number } | { readonly alias: string } | undefined;
}

/** @throws NAME_INVALID, INPUT_INVALID */
export function parseModelReference(text: string): ModelReference {
  const [name = '', version, ...rest] = text.split('@');
  if (rest.length > 0)
    throw new DomainError(
      'INPUT_INVALID',
      `${JSON.stringify(text)} must be <model>, <model>@<version> or <model>@<alias>`,
    );
  parseModelName(name, 'model');
  if (version === undefined) return { name, which: undefined };
  if (/^[1-9]\d{0,8}$/.test(version)) return { name, which: { version: Number(version) } };
  return { name, which: { alias: parseAliasName(version) } };
}
