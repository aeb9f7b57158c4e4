/** A file as a signature names it. */
export interface SignedResource {
  /** `<target>/<precision>/<path>`, or `<path>` alone where the version has one variant. */
  readonly name: string;
  /** 64 digits, in lower case. */
  readonly sha256: string;
}

/** What a signature says: a thing of this name consists of precisely these files. */
export interface SignedStatement {
  /** The reference of a version, as {@link referenceOf} writes it, or any other name, which says nothing. */
  readonly subject: string;
  readonly resources: readonly SignedResource[];
}

/** What of a version is signed. */
export interface SignableVersion {
  readonly namespace: string;
  readonly model: string;
  readonly version: number;
  readonly variants: readonly SignableVariant[];
}

export interface SignableVariant {
  readonly target: string;
  readonly precision: string;
  readonly files: readonly { readonly path: string; readonly digest: string }[];
}

const DIGEST_PREFIX = 'sha256:';

/** Names a version in a statement: `default/digits@3`. No name of a folder looks like it. */
export function referenceOf({ namespace, model, version }: Omit<SignableVersion, 'variants'>): string {
  return `${namespace}/${model}@${version}`;
}

/** What is to be signed of a version. Of one variant the names are those of a folder with its files, so that others can check it there. */
export function statementOf(version: SignableVersion): SignedStatement {
  const hasOneVariant = version.variants.length === 1;
  const resources = version.variants.flatMap((variant) => resourcesOf(variant, hasOneVariant ? '' : prefixOf(variant)));
  return {
    subject: referenceOf(version),
    resources: resources.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

/** What stands before the path of a variant's file. */
export function prefixOf({ target, precision }: SignableVariant): string {
  return `${target}/${precision}/`;
}

/** The files of a variant, each with a prefix before its path. */
export function resourcesOf({ files }: SignableVariant, prefix: string): SignedResource[] {
  return files.map(({ path, digest }) => ({ name: `${prefix}${path}`, sha256: digest.slice(DIGEST_PREFIX.length) }));
}
