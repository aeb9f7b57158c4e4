import type { RoutedSlot, ServingSet, SlotState } from '#application/serving';
import { assertNever, DomainError } from '#domain/errors';
import { deploymentNotFound, publicModelName } from '#domain/routing';

/** A version in the repository's index, in Triton's words. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  /** Why it is not ready; empty otherwise. */
  readonly reason: string;
}

/**
 * The model repository extension, over what Git says: the index is what the gateway was told to serve, and clients load and unload
 * nothing.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
 */
export class ModelRepository {
  readonly #servingSet: ServingSet;

  constructor(servingSet: ServingSet) {
    this.#servingSet = servingSet;
  }

  /**
   * Every version that is wanted or still answers, sorted by name and version.
   *
   * @param isReadyOnly leaves out those that cannot answer now.
   */
  index(isReadyOnly: boolean): readonly IndexEntry[] {
    const states = new Map<string, { name: string; version: number; state: SlotState }>();
    const enter = (name: string, { version, state }: Pick<RoutedSlot, 'version' | 'state'>) => {
      const key = `${name} ${version}`;
      // Of two builds of a version one that answers is enough.
      if (!isAnswering(states.get(key)?.state)) states.set(key, { name, version, state });
    };
    // A deployment that moves on keeps its old version, which is wanted no more, until the new one is ready.
    for (const { modelName, stable, candidate } of this.#servingSet.routes.values()) {
      enter(modelName, stable);
      if (candidate !== undefined) enter(modelName, candidate);
    }
    for (const report of this.#servingSet.reports) enter(publicModelName(report.namespace, report.deployment), report);
    return [...states.values()]
      .filter(({ state }) => !isReadyOnly || state.kind === 'ready')
      .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : one.version - other.version))
      .map(({ name, version, state }) => ({ name, version: String(version), ...described(state) }));
  }

  /**
   * Answers a client that wants a model loaded: nothing is to be done for one that is ready.
   *
   * @param parameterNames of the request: an own configuration or own files are never taken.
   * @throws DEPLOYED_FROM_GIT, MODEL_VERSION_NOT_READY while it loads, DEPLOYMENT_NOT_FOUND
   */
  load(modelName: string, parameterNames: readonly string[]): void {
    const versions = this.#versionsOf(modelName);
    if (parameterNames.length > 0) {
      throw new DomainError(
        'DEPLOYED_FROM_GIT',
        `${parameterNames.join(', ').slice(0, 200)}: configuration and files come from the registry and from Git, not with a load`,
      );
    }
    if (versions.some(({ state }) => state === 'READY')) return;
    const states = versions.map(({ version, state, reason }) => `${version} is ${state} ${reason}`.trim());
    throw new DomainError('MODEL_VERSION_NOT_READY', `${modelName} is wanted and not ready: ${states.join('; ')}`);
  }

  /**
   * Answers a client that wants a model unloaded.
   *
   * @throws DEPLOYED_FROM_GIT, DEPLOYMENT_NOT_FOUND
   */
  unload(modelName: string): never {
    this.#versionsOf(modelName);
    throw new DomainError(
      'DEPLOYED_FROM_GIT',
      `${modelName} is deployed by a manifest in Git: remove the manifest to unload it, on every gateway`,
    );
  }

  #versionsOf(modelName: string): readonly IndexEntry[] {
    const versions = this.index(false).filter(({ name }) => name === modelName);
    if (versions.length > 0) return versions;
    throw deploymentNotFound(
      modelName,
      'models are loaded by a manifest in Git, as `slipway deploy <model>@<version>` writes it',
    );
  }
}

function isAnswering(state: SlotState | undefined): boolean {
  return state?.kind === 'ready' || state?.kind === 'sleeping';
}

function described(state: SlotState): Pick<IndexEntry, 'state' | 'reason'> {
  switch (state.kind) {
    case 'ready':
      return { state: 'READY', reason: '' };
    // Its next request has it loaded: clients may send it.
    case 'sleeping':
      return { state: 'READY', reason: 'sleeping' };
    case 'loading':
      return { state: 'LOADING', reason: '' };
    case 'failed':
      return { state: 'UNAVAILABLE', reason: `${state.code}: ${state.message}` };
    case 'closed':
      return { state: 'UNLOADING', reason: '' };
    default:
      return assertNever(state);
  }
}
