import { DomainError } from '#domain/errors';
import type { Alias, AliasName, Model, ModelName, ModelVersion, Namespace } from '#domain/registry';
import { objectKeys } from './object-keys.ts';
import type { RegistryRecords } from './registry-records.ts';

const MAX_PAGE = 200;

/** Which part of a list is wanted: at most `first` entries after the one that `after` names. */
export interface PageRequest {
  readonly first: number;
  readonly after: string | undefined;
}

/** A part of a list. `endCursor` is where the next part begins. */
export interface Page<T> {
  readonly nodes: readonly T[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly endCursor: string | undefined;
}

/** Creates and finds models, versions and aliases. */
export class ManageModels {
  readonly #records: RegistryRecords;
  readonly #now: () => string;

  /** @param now ISO 8601, UTC. */
  constructor(records: RegistryRecords, now: () => string) {
    this.#records = records;
    this.#now = now;
  }

  /**
   * Creates a model; a repetition with the same properties answers the existing one.
   *
   * @throws MODEL_ALREADY_EXISTS when the name is taken by a model with other properties.
   */
  async create(wanted: Omit<Model, 'createdAt'>): Promise<Model> {
    const model: Model = { ...wanted, createdAt: this.#now() };
    if (await this.#records.create('model', objectKeys.model(wanted.namespace, wanted.name), model)) return model;
    const existing = await this.#records.requireModel(wanted.namespace, wanted.name);
    const isSame =
      existing.description === wanted.description && sortedEntries(existing.labels) === sortedEntries(wanted.labels);
    if (isSame) return existing;
    throw new DomainError(
      'MODEL_ALREADY_EXISTS',
      `model ${wanted.name} exists in namespace ${wanted.namespace} with another description or other labels`,
      { field: 'input.name' },
    );
  }

  async model(namespace: Namespace, name: ModelName): Promise<Model | undefined> {
    return this.#records.model(namespace, name);
  }

  /** Models by name. */
  async models(namespace: Namespace, page: PageRequest): Promise<Page<Model>> {
    const names = await this.#records.modelNames(namespace);
    return this.#page(
      names,
      page,
      (name) => name,
      (name) => this.#records.model(namespace, name),
    );
  }

  /** Versions, newest first. */
  async versions(namespace: Namespace, model: ModelName, page: PageRequest): Promise<Page<ModelVersion>> {
    const numbers = await this.#records.versionNumbers(namespace, model);
    return this.#page(numbers, page, String, (number) => this.#records.version(namespace, model, number));
  }

  async latestVersion(namespace: Namespace, model: ModelName): Promise<ModelVersion | undefined> {
    const [newest] = await this.#records.versionNumbers(namespace, model);
    return newest === undefined ? undefined : this.#records.version(namespace, model, newest);
  }

  async versionByNumber(namespace: Namespace, model: ModelName, version: number): Promise<ModelVersion | undefined> {
    return this.#records.version(namespace, model, version);
  }

  async versionByAlias(namespace: Namespace, model: ModelName, alias: AliasName): Promise<ModelVersion | undefined> {
    const found = await this.#records.alias(namespace, model, alias);
    return found && this.#records.version(namespace, model, found.record.version);
  }

  async aliases(namespace: Namespace, model: ModelName): Promise<Alias[]> {
    return this.#records.aliases(namespace, model);
  }

  /**
   * Points an alias at a version.
   *
   * @param expected the version that it points at now, 0 for none; `undefined` moves it from wherever it is.
   * @throws MODEL_VERSION_NOT_FOUND
   * @throws ALIAS_CONFLICT when it points elsewhere than expected, or somebody moved it at the same moment.
   */
  async setAlias(
    target: { readonly namespace: Namespace; readonly model: ModelName; readonly version: number },
    name: AliasName,
    expected: number | undefined,
  ): Promise<Alias> {
    const { namespace, model, version } = target;
    if ((await this.#records.version(namespace, model, version)) === undefined) {
      throw new DomainError('MODEL_VERSION_NOT_FOUND', `${model} has no version ${version}`, {
        field: 'input.version',
      });
    }
    const current = await this.#records.alias(namespace, model, name);
    const now = current?.record.version ?? 0;
    if (expected !== undefined && expected !== now) throw conflict(name, now, expected);
    const alias: Alias = { namespace, model, alias: name, version, updatedAt: this.#now() };
    const condition = current ? ({ kind: 'matches', etag: current.etag } as const) : ({ kind: 'absent' } as const);
    const isMoved = await this.#records.write('alias', objectKeys.alias(namespace, model, name), alias, condition);
    if (isMoved) return alias;
    throw new DomainError(
      'ALIAS_CONFLICT',
      `alias ${name} of ${model} was moved by somebody else: read it and try again`,
    );
  }

  /** Removes an alias; answers whether there was one. */
  async deleteAlias(namespace: Namespace, model: ModelName, name: AliasName): Promise<boolean> {
    if ((await this.#records.alias(namespace, model, name)) === undefined) return false;
    await this.#records.remove(objectKeys.alias(namespace, model, name));
    return true;
  }

  /** Reads only the records of the page: the keys alone say what comes where. */
  async #page<Id, T>(
    ids: readonly Id[],
    { first, after }: PageRequest,
    cursorOf: (id: Id) => string,
    read: (id: Id) => Promise<T | undefined>,
  ): Promise<Page<T>> {
    if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) {
      throw new DomainError('INPUT_INVALID', `first must be 1 to ${MAX_PAGE}, not ${first}`, { field: 'first' });
    }
    const afterIndex = after === undefined ? -1 : ids.findIndex((id) => cursorOf(id) === after);
    if (after !== undefined && afterIndex === -1) {
      throw new DomainError('INPUT_INVALID', `after is not a cursor of this list`, { field: 'after' });
    }
    const wanted = ids.slice(afterIndex + 1, afterIndex + 1 + first);
    const nodes = (await Promise.all(wanted.map(read))).filter((node) => node !== undefined);
    const last = wanted.at(-1);
    return {
      nodes,
      totalCount: ids.length,
      hasNextPage: afterIndex + 1 + wanted.length < ids.length,
      endCursor: last === undefined ? undefined : cursorOf(last),
    };
  }
}

function sortedEntries(map: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function conflict(name: AliasName, now: number, expected: number): DomainError {
  const is = now === 0 ? 'does not exist' : `points at version ${now}`;
  return new DomainError('ALIAS_CONFLICT', `alias ${name} ${is}, not at ${expected}`, {
    field: 'input.expectedVersion',
  });
}
