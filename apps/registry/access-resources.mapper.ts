import type { IndexedVersion } from '#application/registry';
import { type Resource, resource } from '#domain/access';
import type { Model, ModelVersion, NamespaceRecord, VersionStatus } from '#domain/registry';

/** Records as policies see them. */

export function namespaceResource({
  namespace,
  owner,
  labels,
}: Pick<NamespaceRecord, 'namespace' | 'owner' | 'labels'>): Resource {
  return resource('namespace', { namespace, owner }, labels);
}

export function modelResource({
  namespace,
  name,
  owner,
  labels,
}: Pick<Model, 'namespace' | 'name' | 'owner' | 'labels'>): Resource {
  return resource('model', { namespace, model: name, owner }, labels);
}

/** @param owner of its model. */
export function versionResource(version: ModelVersion, { stage }: VersionStatus, owner: string | undefined): Resource {
  const { namespace, model, version: number, createdBy, metadata, variants } = version;
  const target = [...new Set(variants.map((variant) => variant.target))];
  return resource('version', { namespace, model, version: number, stage, owner, createdBy, target }, metadata.labels);
}

export function indexedVersionResource({ version, status }: IndexedVersion, owner: string | undefined): Resource {
  return versionResource(version, status, owner);
}
