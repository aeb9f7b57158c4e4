import { DomainError, isDomainError } from '#domain/errors';
import {
  type Alias,
  type Model,
  type ModelName,
  type ModelVersion,
  type Namespace,
  parseModelName,
  type VersionDraft,
} from '#domain/registry';
import { objectKeys } from './object-keys.ts';
import type { ObjectStore, WriteCondition } from './object-store.ts';
import type { RecordCodec, RecordKind, RecordTypes } from './record-codec.ts';

/** A record with the tag that a compare-and-swap of it must name. */
export interface Tagged<T> {
  readonly record: T;
  readonly etag: string;
}

/** The registry's records in their bucket. It adds types to keys and bytes, and no rules. */
export class RegistryRecords {
  readonly #store: ObjectStore;
  readonly #codec: RecordCodec;

  constructor(store: ObjectStore, codec: RecordCodec) {
    this.#store = store;
    this.#codec = codec;
  }

  async model(namespace: Namespace, name: ModelName): Promise<Model | undefined> {
    return (await this.#read('model', objectKeys.model(namespace, name)))?.record;
  }

  /** The model. @throws MODEL_NOT_FOUND when it does not exist. */
  async requireModel(namespace: Namespace, name: ModelName): Promise<Model> {
    const model = await this.model(namespace, name);
    if (model !== undefined) return model;
    throw new DomainError('MODEL_NOT_FOUND', `namespace ${namespace} has no model ${name}: create it first`);
  }

  async draft(namespace: Namespace, model: ModelName, draftId: string): Promise<VersionDraft | undefined> {
    return (await this.#read('draft', objectKeys.draft(namespace, model, draftId)))?.record;
  }

  async version(namespace: Namespace, model: ModelName, version: number): Promise<ModelVersion | undefined> {
    return (await this.#read('version', objectKeys.version(namespace, model, version)))?.record;
  }

  async alias(namespace: Namespace, model: ModelName, alias: string): Promise<Tagged<Alias> | undefined> {
    return this.#read('alias', objectKeys.alias(namespace, model, alias));
  }

  /** Names of the models of a namespace, ascending. */
  async modelNames(namespace: Namespace): Promise<ModelName[]> {
    const names: ModelName[] = [];
    for await (const { key } of this.#store.list(objectKeys.namespace(namespace))) {
      const [name, rest] = key.slice(objectKeys.namespace(namespace).length).split('/');
      if (rest === 'model.json') names.push(parseModelName(name ?? ''));
    }
    return names.sort();
  }

  /** Numbers of a model's versions, newest first. */
  async versionNumbers(namespace: Namespace, model: ModelName): Promise<number[]> {
    const prefix = objectKeys.versions(namespace, model);
    const numbers: number[] = [];
    for await (const { key } of this.#store.list(prefix)) numbers.push(Number.parseInt(key.slice(prefix.length), 10));
    return numbers.sort((left, right) => right - left);
  }

  async aliases(namespace: Namespace, model: ModelName): Promise<Alias[]> {
    const aliases: Alias[] = [];
    for await (const { key } of this.#store.list(objectKeys.aliases(namespace, model))) {
      const found = await this.#read('alias', key);
      if (found !== undefined) aliases.push(found.record);
    }
    return aliases;
  }

  /** Creates a record unless its key is taken; answers whether it did. */
  async create<Kind extends RecordKind>(kind: Kind, key: string, record: RecordTypes[Kind]): Promise<boolean> {
    return this.write(kind, key, record, { kind: 'absent' });
  }

  /** Writes a record under a condition; answers whether the condition held. */
  async write<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    record: RecordTypes[Kind],
    condition: WriteCondition,
  ): Promise<boolean> {
    try {
      await this.#store.put(key, this.#codec.encode(kind, record), condition);
      return true;
    } catch (error) {
      if (isDomainError(error, 'PRECONDITION_FAILED')) return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#store.delete(key);
  }

  async #read<Kind extends RecordKind>(kind: Kind, key: string): Promise<Tagged<RecordTypes[Kind]> | undefined> {
    const found = await this.#store.get(key);
    return found && { record: this.#codec.decode(kind, found.bytes), etag: found.etag };
  }
}
