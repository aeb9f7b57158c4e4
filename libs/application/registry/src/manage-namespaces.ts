import { DomainError } from '#domain/errors';
import {
  type Actor,
  ANONYMOUS,
  DEFAULT_NAMESPACE,
  type Namespace,
  type NamespaceRecord,
  type Stage,
} from '#domain/registry';
import type { ChangeRecord } from './change-record.ts';
import { assertLabels, assertText } from './declaration.ts';
import type { EventLog } from './event-log.ts';
import { objectKeys } from './object-keys.ts';
import type { PermitChange } from './permit-change.ts';
import type { RegistryIndex } from './registry-index.ts';

/** What people say about a namespace. */
export interface NamespaceProperties {
  readonly description?: string;
  readonly owner?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly approvalStages: readonly Stage[];
}

/** How a namespace is changed. */
export interface NamespaceUpdate {
  readonly actor: Actor;
  /** The change happens only at this revision. */
  readonly expectedRevision?: number | undefined;
  readonly permit?: PermitChange<NamespaceRecord>;
}

/** Creates and changes namespaces. */
export class ManageNamespaces {
  readonly #index: RegistryIndex;
  readonly #log: EventLog;
  readonly #changes: ChangeRecord;
  readonly #now: () => string;

  /** @param now ISO 8601, UTC. */
  constructor(index: RegistryIndex, log: EventLog, changes: ChangeRecord, now: () => string) {
    this.#index = index;
    this.#log = log;
    this.#changes = changes;
    this.#now = now;
  }

  /** Creates the namespace that names without one mean, unless it is there. */
  async ensureDefault(): Promise<void> {
    const properties = { description: 'Where names without a namespace live.', labels: {}, approvalStages: [] };
    if (this.#index.namespace(DEFAULT_NAMESPACE) !== undefined) return;
    await this.#changes.change('namespace', objectKeys.namespace(DEFAULT_NAMESPACE), (current) =>
      current === undefined ? this.#created(DEFAULT_NAMESPACE, properties, ANONYMOUS) : undefined,
    );
  }

  /**
   * Creates a namespace; a repetition with the same properties answers the existing one.
   *
   * @throws NAMESPACE_ALREADY_EXISTS when the name is taken by one with other properties.
   */
  async create(
    namespace: Namespace,
    properties: NamespaceProperties,
    { actor, permit }: Omit<NamespaceUpdate, 'expectedRevision'>,
  ): Promise<NamespaceRecord> {
    assertProperties(properties);
    const stored = await this.#changes.change('namespace', objectKeys.namespace(namespace), (current) => {
      if (current === undefined) {
        const record = this.#created(namespace, properties, actor);
        permit?.(undefined, record);
        return record;
      }
      if (JSON.stringify(propertiesOf(current)) === JSON.stringify(propertiesOf(properties))) return undefined;
      throw new DomainError('NAMESPACE_ALREADY_EXISTS', `namespace ${namespace} exists with other properties`, {
        field: 'input.name',
      });
    });
    return required(stored, namespace);
  }

  /**
   * Changes what is given and leaves the rest.
   *
   * @throws NAMESPACE_NOT_FOUND, REVISION_CONFLICT
   */
  async update(
    namespace: Namespace,
    change: Partial<NamespaceProperties>,
    { actor, expectedRevision, permit }: NamespaceUpdate,
  ): Promise<NamespaceRecord> {
    const stored = await this.#changes.change('namespace', objectKeys.namespace(namespace), (current) => {
      const record = required(current, namespace);
      assertRevision(record.revision, expectedRevision);
      const next = { ...record, ...change };
      permit?.(record, next);
      assertProperties(next);
      if (JSON.stringify(propertiesOf(record)) === JSON.stringify(propertiesOf(next))) return undefined;
      return { ...next, revision: record.revision + 1, updatedAt: this.#now(), updatedBy: actor };
    });
    return required(stored, namespace);
  }

  /** The namespace. @throws NAMESPACE_NOT_FOUND */
  async require(namespace: Namespace): Promise<NamespaceRecord> {
    if (this.#index.namespace(namespace) === undefined) await this.#log.catchUp();
    return required(this.#index.namespace(namespace), namespace);
  }

  #created(namespace: Namespace, properties: NamespaceProperties, actor: Actor): NamespaceRecord {
    const now = this.#now();
    const { approvalStages, labels, ...texts } = properties;
    return {
      namespace,
      ...texts,
      labels,
      approvalStages,
      createdAt: now,
      createdBy: actor,
      revision: 1,
      updatedAt: now,
      updatedBy: actor,
    };
  }
}

/** @throws REVISION_CONFLICT when a client's idea of a record is out of date. */
export function assertRevision(revision: number, expected: number | undefined): void {
  if (expected === undefined || expected === revision) return;
  throw new DomainError('REVISION_CONFLICT', `the record is at revision ${revision}, not ${expected}: read it again`, {
    field: 'input.expectedRevision',
  });
}

function required(record: NamespaceRecord | undefined, namespace: Namespace): NamespaceRecord {
  if (record !== undefined) return record;
  throw new DomainError('NAMESPACE_NOT_FOUND', `there is no namespace ${namespace}: create it first`);
}

function assertProperties({ description, owner, labels }: NamespaceProperties): void {
  assertText('input.description', description);
  assertText('input.owner', owner);
  assertLabels('input.labels', labels);
}

function propertiesOf({ description, owner, labels, approvalStages }: NamespaceProperties): unknown {
  return [description, owner, Object.entries(labels).sort(), [...approvalStages].sort()];
}
