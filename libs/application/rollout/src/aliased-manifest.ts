import type { AliasedSpec, DeploymentSpec, DesiredDeployment } from '#domain/rollout';

/** A manifest that names an alias, before the registry was asked. */
export interface AliasedManifest {
  readonly spec: AliasedSpec;
  /** Identity of its text. */
  readonly specHash: string;
  readonly commit: string;
  readonly file: string;
}

/** Whether a specification leaves its version to an alias. */
export function isAliased(spec: DeploymentSpec | AliasedSpec): spec is AliasedSpec {
  return !('version' in spec);
}

/** The manifest with its alias resolved. The version is part of the identity: an alias that moved makes another specification. */
export function withVersion({ spec, specHash, commit, file }: AliasedManifest, version: number): DesiredDeployment {
  return {
    spec: { ...spec, version },
    specHash: `${specHash}@${version}`,
    manifestHash: specHash,
    commit,
    file,
  };
}

/** Whether a manifest was resolved already: an alias is looked up once for each commit that touches its file. */
export function isResolved(manifest: AliasedManifest, known: DesiredDeployment | undefined): boolean {
  return known?.manifestHash === manifest.specHash && known.commit === manifest.commit && known.file === manifest.file;
}
