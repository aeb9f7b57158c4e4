import type { Caller } from '#application/access';
import type { DraftName, IndexedVersion, Registry, VersionName } from '#application/registry';
import type { ActionName } from '#domain/access';
import { DomainError } from '#domain/errors';
import type { Actor, Digest, FilterExpression, Model, ModelName, Namespace } from '#domain/registry';
import { indexedVersionResource, modelResource } from './access-resources.mapper.ts';

/**
 * A model that somebody acts on.
 *
 * @param action that must be allowed; absent: that they may see it.
 * @throws MODEL_NOT_FOUND in the same words whether it is not there or they may not see it; ACCESS_DENIED, UNAUTHENTICATED
 */
export async function requireModel(
  { lookup }: Registry,
  caller: Caller,
  namespace: Namespace,
  name: ModelName,
  action?: ActionName,
): Promise<Model> {
  const model = await lookup.model(namespace, name);
  if (model === undefined || !caller.may('model.read', modelResource(model))) {
    throw new DomainError('MODEL_NOT_FOUND', `namespace ${namespace} has no model ${name}: create it first`);
  }
  if (action !== undefined) caller.require(action, modelResource(model));
  return model;
}

/**
 * A version that somebody acts on.
 *
 * @param action that must be allowed; absent: that they may see it.
 * @throws MODEL_VERSION_NOT_FOUND in the same words whether it is not there or they may not see it; ACCESS_DENIED, UNAUTHENTICATED
 */
export async function requireVersion(
  { lookup, index }: Registry,
  caller: Caller,
  { namespace, model, version }: VersionName,
  action?: ActionName,
): Promise<IndexedVersion> {
  const found = await lookup.version(namespace, model, version);
  const resource = found && indexedVersionResource(found, index.model(namespace, model)?.owner);
  if (found === undefined || resource === undefined || !caller.may('version.read', resource)) {
    throw new DomainError('MODEL_VERSION_NOT_FOUND', `${model} has no version ${version}`, { field: 'input.version' });
  }
  if (action !== undefined) caller.require(action, resource);
  return found;
}

/**
 * A registration that somebody goes on with: the one who began it, and nobody else, whatever else they may register.
 *
 * @throws DRAFT_NOT_FOUND in the same words whether it is not there or somebody else's.
 */
export async function requireOwnDraft(
  { registration }: Registry,
  { principal }: Caller,
  actor: Actor,
  name: DraftName,
): Promise<void> {
  // Whoever is nobody cannot be told from anybody else.
  if (principal.kind === 'anonymous') return;
  const author = await registration.authorOf(name);
  if (author !== actor) throw new DomainError('DRAFT_NOT_FOUND', `${name.model} has no draft ${name.draftId}`);
}

/** Whether somebody may get bytes: those of some version that they may download. Bytes that no version has are nobody's. */
export function mayDownload({ index }: Registry, caller: Caller, digest: Digest): boolean {
  const allowed = caller.filterFor('version.download');
  if (allowed.kind !== 'some') return allowed.kind === 'all';
  const isOfDigest: FilterExpression = { kind: 'compare', field: 'digest', operator: '=', value: digest };
  const filter: FilterExpression = { kind: 'and', terms: [isOfDigest, allowed.filter] };
  return index.countVersions({ namespace: undefined, model: undefined, filter, search: undefined }) > 0;
}

/** Bytes that somebody gets. @throws ARTIFACT_NOT_FOUND in the same words whether they are not there or not for them */
export function requireDownload(registry: Registry, caller: Caller, digest: Digest): void {
  if (!mayDownload(registry, caller, digest)) throw new DomainError('ARTIFACT_NOT_FOUND', `no blob has ${digest}`);
}
