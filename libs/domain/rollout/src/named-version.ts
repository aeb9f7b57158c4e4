/** A version as a manifest names it. */
export interface NamedVersion {
  readonly version: number;
  /** Which of its variants may serve, as `target/precision`, the preferred one first; absent: all. */
  readonly variants?: readonly string[] | undefined;
}

/** How the manifest names a version that is in use. */
export function namedVersion({
  servable: { version },
  desired: { spec },
}: {
  readonly servable: Pick<NamedVersion, 'version'>;
  readonly desired: { readonly spec: Pick<NamedVersion, 'variants'> };
}): NamedVersion {
  return spec.variants === undefined ? { version } : { version, variants: spec.variants };
}

/** A version in words: `2`, or `2 (cpu/int8, cpu/fp32)` where variants are named, because they may be all that changes. */
export function shownVersion({ version, variants }: NamedVersion): string {
  return variants === undefined ? String(version) : `${version} (${variants.join(', ')})`;
}
