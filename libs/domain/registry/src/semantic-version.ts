import { DomainError } from '#domain/errors';

declare const brand: unique symbol;

/** A version name of the form `1.4.0-rc.1+build`. */
export type SemanticVersion = string & { readonly [brand]: 'SemanticVersion' };

/** The expression that the specification itself suggests, without its capture groups. */
const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/**
 * @throws NAME_INVALID when the word is no semantic version of at most 64 characters.
 * @see https://semver.org/spec/v2.0.0.html
 */
export function parseSemanticVersion(word: string, field = 'semanticVersion'): SemanticVersion {
  if (word.length <= 64 && SEMANTIC_VERSION.test(word)) return word as SemanticVersion;
  const shown = JSON.stringify(word.slice(0, 80));
  throw new DomainError('NAME_INVALID', `${field} ${shown} is no semantic version such as 1.4.0 or 2.0.0-rc.1`, {
    field,
  });
}

/** Where a semantic version is claimed in the bucket: build metadata is no part of its precedence, so it is no part of it here. */
export function semanticVersionClaim(version: SemanticVersion): string {
  return version.split('+')[0] ?? version;
}
