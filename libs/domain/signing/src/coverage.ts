import {
  prefixOf,
  referenceOf,
  resourcesOf,
  type SignableVersion,
  type SignedResource,
  type SignedStatement,
} from './signed-statement.ts';

/**
 * Of which variants a statement is asked: `all` are known to whoever has the version's record; a gateway knows those that it may serve
 * (`served`), and leaves out what a statement says of others.
 */
export type CoverageScope = 'all' | 'served';

const REFERENCE = /^[^/@]+\/[^/@]+@[0-9]+$/;
const VARIANT_PREFIX = /^[a-z0-9]+\/[a-z0-9]+\//;
const SHOWN_NAMES = 3;

/**
 * Why a statement does not cover a version, in words; `undefined` when it does: its files are precisely those of the version, each with its
 * digest, and it names no other version.
 */
export function coverageProblem(
  statement: SignedStatement,
  version: SignableVersion,
  scope: CoverageScope = 'all',
): string | undefined {
  const { subject, resources } = statement;
  const reference = referenceOf(version);
  if (REFERENCE.test(subject) && subject !== reference) return `it is about ${subject}, not about ${reference}`;
  const signed = new Map(resources.map(({ name, sha256 }) => [name, sha256]));
  if (signed.size < resources.length) return 'it names a file twice';
  const { variants } = version;
  const [first, ...others] = variants;
  const problems = [];
  if (first !== undefined && others.length === 0) problems.push(differenceOf(signed, resourcesOf(first, '')));
  const ofVariants = scope === 'all' ? signed : withoutOthers(signed, variants.map(prefixOf));
  problems.push(
    differenceOf(
      ofVariants,
      variants.flatMap((variant) => resourcesOf(variant, prefixOf(variant))),
    ),
  );
  if (problems.includes(undefined)) return undefined;
  const isInVariants = resources.some(({ name }) => variants.some((variant) => name.startsWith(prefixOf(variant))));
  return isInVariants ? problems.at(-1) : problems[0];
}

function withoutOthers(signed: ReadonlyMap<string, string>, served: readonly string[]): ReadonlyMap<string, string> {
  const isServed = (name: string) => served.some((prefix) => name.startsWith(prefix));
  return new Map([...signed].filter(([name]) => isServed(name) || !VARIANT_PREFIX.test(name)));
}

function differenceOf(signed: ReadonlyMap<string, string>, files: readonly SignedResource[]): string | undefined {
  if (files.length === 0) return 'the version has no files';
  const known = new Set(files.map(({ name }) => name));
  const missing = files.filter(({ name }) => !signed.has(name)).map(({ name }) => name);
  const other = files.filter(({ name, sha256 }) => signed.has(name) && signed.get(name) !== sha256);
  const extra = [...signed.keys()].filter((name) => !known.has(name));
  const parts = [
    other.length > 0 && `it has another digest for ${named(other.map(({ name }) => name))}`,
    missing.length > 0 && `it does not name ${named(missing)}`,
    extra.length > 0 && `it names ${named(extra)}, which the version does not have`,
  ];
  return parts.filter((part) => part !== false).join('; ') || undefined;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(name.slice(0, 120)));
  const rest = names.length - shown.length;
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`;
}
