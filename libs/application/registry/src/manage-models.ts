import { DomainError } from '#domain/errors';
import {
  type Actor,
  type Alias,
  type AliasName,
  type Model,
  type ModelName,
  moveAlias,
  type Namespace,
} from '#domain/registry';
import type { ChangeRecord } from './change-record.ts';
import { assertCard, assertLabels, assertText } from './declaration.ts';
import { assertRevision, type ManageNamespaces } from './manage-namespaces.ts';
import { objectKeys } from './object-keys.ts';
import type { PermitChange } from './permit-change.ts';
import type { RegistryLookup } from './registry-lookup.ts';

/** What people say about a model. */
export interface ModelProperties {
  readonly description?: string;
  readonly owner?: string;
  /** Markdown. */
  readonly card?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A wish to point an alias somewhere. */
export interface AliasTarget {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly alias: AliasName;
  readonly version: number;
  /** Where it must point now, 0 for nowhere; `undefined` moves it from wherever it is. */
  readonly expected: number | undefined;
  readonly actor: Actor;
}

/** How a model is changed. */
export interface ModelUpdate {
  readonly actor: Actor;
  /** The change happens only at this revision. */
  readonly expectedRevision?: number | undefined;
  readonly permit?: PermitChange<Model>;
}

/** Creates and changes models and their aliases. */
export class ManageModels {
  readonly #lookup: RegistryLookup;
  readonly #namespaces: ManageNamespaces;
  readonly #changes: ChangeRecord;
  readonly #now: () => string;

  /** @param now ISO 8601, UTC. */
  constructor(lookup: RegistryLookup, namespaces: ManageNamespaces, changes: ChangeRecord, now: () => string) {
    this.#lookup = lookup;
    this.#namespaces = namespaces;
    this.#changes = changes;
    this.#now = now;
  }

  /**
   * Creates a model; a repetition with the same properties answers the existing one.
   *
   * @throws NAMESPACE_NOT_FOUND
   * @throws MODEL_ALREADY_EXISTS when the name is taken by a model with other properties.
   */
  async create(
    namespace: Namespace,
    name: ModelName,
    properties: ModelProperties,
    { actor, permit }: Omit<ModelUpdate, 'expectedRevision'>,
  ): Promise<Model> {
    assertProperties(properties);
    await this.#namespaces.require(namespace);
    const stored = await this.#changes.change('model', objectKeys.model(namespace, name), (current) => {
      const now = this.#now();
      const written = { createdAt: now, createdBy: actor, revision: 1, updatedAt: now, updatedBy: actor };
      if (current === undefined) {
        const model = { namespace, name, ...properties, ...written };
        permit?.(undefined, model);
        return model;
      }
      if (isSame(current, properties)) return undefined;
      throw new DomainError(
        'MODEL_ALREADY_EXISTS',
        `model ${name} exists in namespace ${namespace} with other properties: update it instead`,
        { field: 'input.name' },
      );
    });
    return required(stored, namespace, name);
  }

  /**
   * Changes what is given and leaves the rest.
   *
   * @throws MODEL_NOT_FOUND, REVISION_CONFLICT
   */
  async update(
    namespace: Namespace,
    name: ModelName,
    change: Partial<ModelProperties>,
    { actor, expectedRevision, permit }: ModelUpdate,
  ): Promise<Model> {
    const stored = await this.#changes.change('model', objectKeys.model(namespace, name), (current) => {
      const model = required(current, namespace, name);
      assertRevision(model.revision, expectedRevision);
      const next = { ...model, ...change };
      permit?.(model, next);
      assertProperties(next);
      if (isSame(model, next)) return undefined;
      return { ...next, revision: model.revision + 1, updatedAt: this.#now(), updatedBy: actor };
    });
    return required(stored, namespace, name);
  }

  /**
   * Points an alias at a version.
   *
   * @throws MODEL_VERSION_NOT_FOUND, VERSION_TOMBSTONED
   * @throws ALIAS_CONFLICT when it points elsewhere than expected.
   */
  async setAlias({ actor, ...target }: AliasTarget): Promise<Alias> {
    const { namespace, model, version } = target;
    await this.#lookup.requireLive(namespace, model, version);
    const alias = await this.#move({ ...target, at: this.#now(), by: actor });
    if (alias === undefined) throw new Error('an alias that was set is absent');
    return alias;
  }

  /** Removes an alias, keeping its history; answers whether there was one. */
  async deleteAlias(namespace: Namespace, model: ModelName, alias: AliasName, actor: Actor): Promise<boolean> {
    let wasSet = false;
    await this.#changes.change('alias', objectKeys.alias(namespace, model, alias), (current) => {
      wasSet = current !== undefined && current.version !== 0;
      const change = { namespace, model, alias, version: 0, expected: undefined, at: this.#now(), by: actor };
      return moveAlias(current, change);
    });
    return wasSet;
  }

  #move(change: Parameters<typeof moveAlias>[1]): Promise<Alias | undefined> {
    const key = objectKeys.alias(change.namespace, change.model, change.alias);
    return this.#changes.change('alias', key, (current) => moveAlias(current, change));
  }
}

function required(model: Model | undefined, namespace: Namespace, name: ModelName): Model {
  if (model !== undefined) return model;
  throw new DomainError('MODEL_NOT_FOUND', `namespace ${namespace} has no model ${name}: create it first`);
}

function assertProperties({ description, owner, card, labels }: ModelProperties): void {
  assertText('input.description', description);
  assertText('input.owner', owner);
  assertCard('input.card', card);
  assertLabels('input.labels', labels);
}

function isSame(left: ModelProperties, right: ModelProperties): boolean {
  const comparable = ({ description, owner, card, labels }: ModelProperties) =>
    JSON.stringify([description, owner, card, Object.entries(labels).sort()]);
  return comparable(left) === comparable(right);
}
