import { DomainError } from '#domain/errors';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A tenant's name: a DNS label, so that it can be a Kubernetes namespace. */
export type Namespace = Branded<'Namespace'>;
/** A model's name, unique in its namespace. Its characters are safe in a URL path, an object key and a file name. */
export type ModelName = Branded<'ModelName'>;
/** A movable name for a version of one model, such as `champion`. Never a number, so that it cannot pass for a version. */
export type AliasName = Branded<'AliasName'>;

/** Who makes a change: the name that the access check gave, or what an unauthenticated client says of itself. */
export type Actor = Branded<'Actor'>;

/** Where names without a namespace live. */
export const DEFAULT_NAMESPACE = 'default' as Namespace;

/** Whoever did not say who they are. */
export const ANONYMOUS = 'anonymous' as Actor;

const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MODEL_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,62}$/;
const ACTOR = /^[\p{L}\p{N}][\p{L}\p{N} ._@:/+=,|%~\\-]{0,255}$/u;
const ALIAS_NAME = /^(?!.*\.\.)[a-z][a-z0-9._-]{0,62}$/;

/** @throws NAME_INVALID when the word breaks the rule for namespaces. */
export function parseNamespace(word: string, field = 'namespace'): Namespace {
  return parse(NAMESPACE, word, field, 'lower-case letters, digits and inner hyphens, 1 to 63 characters') as Namespace;
}

/** @throws NAME_INVALID when the word breaks the rule for model names. */
export function parseModelName(word: string, field = 'name'): ModelName {
  return parse(MODEL_NAME, word, field, MODEL_RULE) as ModelName;
}

/** @throws NAME_INVALID when the word breaks the rule for aliases. */
export function parseAliasName(word: string, field = 'alias'): AliasName {
  return parse(ALIAS_NAME, word, field, 'a lower-case letter first, then the characters of a model name') as AliasName;
}

/** @throws NAME_INVALID when the word could not be told from log text, or is longer than 256 characters. */
export function parseActor(word: string, field = 'actor'): Actor {
  return parse(ACTOR, word, field, 'letters, digits, spaces and "._@:/+=,|%~\\-", at most 256 characters') as Actor;
}

const MODEL_RULE = 'lower-case letters, digits, ".", "_" and "-", beginning with a letter or digit, 1 to 63 characters';

function parse(pattern: RegExp, word: string, field: string, rule: string): string {
  if (pattern.test(word)) return word;
  const shown = JSON.stringify(word.slice(0, 80));
  throw new DomainError('NAME_INVALID', `${field} ${shown} is not allowed: use ${rule}`, { field });
}
