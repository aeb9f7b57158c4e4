import { DomainError } from '#domain/errors';
import type { Alias, AliasName, Model, ModelName, Namespace } from '#domain/registry';
import type { EventLog } from './event-log.ts';
import type { IndexedVersion, RegistryIndex } from './registry-index.ts';

/**
 * Finds single things by name. What the index has is answered from it; what it lacks is "not there" only after the log was read to
 * its end, so that a client may turn to any replica with the name that another one has just given it.
 */
export class RegistryLookup {
  readonly #index: RegistryIndex;
  readonly #log: EventLog;

  constructor(index: RegistryIndex, log: EventLog) {
    this.#index = index;
    this.#log = log;
  }

  async model(namespace: Namespace, name: ModelName): Promise<Model | undefined> {
    return this.#find(() => this.#index.model(namespace, name));
  }

  async version(namespace: Namespace, model: ModelName, version: number): Promise<IndexedVersion | undefined> {
    return this.#find(() => this.#index.version(namespace, model, version));
  }

  async alias(namespace: Namespace, model: ModelName, alias: AliasName): Promise<Alias | undefined> {
    return this.#find(() => this.#index.alias(namespace, model, alias));
  }

  async versionByAlias(namespace: Namespace, model: ModelName, alias: AliasName): Promise<IndexedVersion | undefined> {
    return this.#find(() => {
      const found = this.#index.alias(namespace, model, alias);
      return found && this.#index.version(namespace, model, found.version);
    });
  }

  /** The version. @throws MODEL_VERSION_NOT_FOUND */
  async requireVersion(namespace: Namespace, model: ModelName, version: number): Promise<IndexedVersion> {
    const found = await this.version(namespace, model, version);
    if (found !== undefined) return found;
    throw new DomainError('MODEL_VERSION_NOT_FOUND', `${model} has no version ${version}`, { field: 'input.version' });
  }

  /** A version that was not withdrawn. @throws MODEL_VERSION_NOT_FOUND, VERSION_TOMBSTONED */
  async requireLive(namespace: Namespace, model: ModelName, version: number): Promise<IndexedVersion> {
    const found = await this.requireVersion(namespace, model, version);
    const { tombstone } = found.status;
    if (tombstone === undefined) return found;
    throw new DomainError('VERSION_TOMBSTONED', `${model}@${version} was withdrawn: ${tombstone.reason}`, {
      field: 'input.version',
    });
  }

  async #find<T>(look: () => T | undefined): Promise<T | undefined> {
    const found = look();
    if (found !== undefined) return found;
    await this.#log.catchUp();
    return look();
  }
}
