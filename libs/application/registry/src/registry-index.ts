import type { ModelSignature } from '#domain/inference';
import type {
  Alias,
  AliasName,
  Digest,
  EventAction,
  FilterExpression,
  LoggedKind,
  LoggedRecords,
  Model,
  ModelFormat,
  ModelName,
  ModelVersion,
  Namespace,
  NamespaceRecord,
  RegistryEvent,
  VariantSummary,
  VersionStatus,
} from '#domain/registry';
import type { EventBatch } from './record-codec.ts';

/** A version with all that can change about it. */
export interface IndexedVersion {
  readonly version: ModelVersion;
  readonly status: VersionStatus;
  /** Names of the aliases that point at it, ascending. */
  readonly aliases: readonly AliasName[];
}

/** Which part of a list is wanted: so many entries after a cursor, or before one. */
export interface PageRequest {
  readonly limit: number;
  /** Cursor of the entry beside the page; `undefined` begins at the list's near end. */
  readonly from: string | undefined;
  /** Whether the page ends before the cursor (or at the list's end) instead of beginning after it. */
  readonly isBackward: boolean;
}

/** A part of a list, in the list's order. A cursor stays good while entries come and go around it. */
export interface Page<T> {
  readonly entries: readonly { readonly node: T; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** What a list is ordered by; ties, and entries without the field, follow in the order of their registration. */
export interface SortOrder {
  readonly field: string;
  readonly isDescending: boolean;
}

/** Which models or versions are wanted. */
export interface Selection {
  /** `undefined` for all namespaces. */
  readonly namespace: Namespace | undefined;
  /** Only for versions. */
  readonly model: ModelName | undefined;
  readonly filter: FilterExpression | undefined;
  /** Words that must all occur in names, descriptions, cards, labels or parameters; the last may be the beginning of one. */
  readonly search: string | undefined;
}

/** Which records can be seen: those that pass the filter, all without one. */
export interface VisibleRecords {
  readonly models: FilterExpression | 'all' | 'none';
  readonly versions: FilterExpression | 'all' | 'none';
  /** Names. */
  readonly namespaces: readonly Namespace[] | 'all';
}

/** Which events are wanted. */
export interface EventSelection {
  readonly namespace: Namespace | undefined;
  readonly model: ModelName | undefined;
  readonly version: number | undefined;
  readonly actions: readonly EventAction[] | undefined;
  /** An event can be seen when the record that it is about can be seen as it is now. Absent: all. */
  readonly visible?: VisibleRecords;
}

/** What was read from a model file before. */
export interface KnownFile {
  readonly signature: ModelSignature;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly summary: VariantSummary;
}

/**
 * The registry's records as a local index: everything that is searched, sorted, paged or looked up comes from here, nothing from
 * the bucket. It holds what the event log says up to `position`, and nothing else: built from the same log it has the same
 * content and the same cursors on every replica. All methods are synchronous and local.
 */
export interface RegistryIndex {
  /** Sequence of the last batch that was applied; 0 for none. */
  readonly position: number;

  /** Applies the batch after `position`, whole or not at all. Answers the events that were new; a batch from before is ignored. */
  apply(batch: EventBatch): readonly RegistryEvent[];
  hasEvent(id: string): boolean;

  /** The content that the index has of the record that `like` is a content of. */
  currentOf<Kind extends LoggedKind>(kind: Kind, like: LoggedRecords[Kind]): LoggedRecords[Kind] | undefined;

  namespace(namespace: Namespace): NamespaceRecord | undefined;
  model(namespace: Namespace, name: ModelName): Model | undefined;
  version(namespace: Namespace, model: ModelName, version: number): IndexedVersion | undefined;
  versionOfDraft(namespace: Namespace, model: ModelName, draftId: string): ModelVersion | undefined;
  /** Also of an alias that was removed: it points at version 0. */
  alias(namespace: Namespace, model: ModelName, alias: AliasName): Alias | undefined;
  /** By name, without removed ones. */
  aliases(namespace: Namespace, model: ModelName): readonly Alias[];
  /** The highest number; 0 for none. Numbers are dense, so it is also their count. */
  latestNumber(namespace: Namespace, model: ModelName): number;
  /** What was read from a variant of this one file before; `undefined` when no version has it. */
  knownFile(format: ModelFormat, digest: Digest): KnownFile | undefined;
  /** Size of a blob that a version refers to which is not withdrawn. */
  referencedSize(digest: Digest): number | undefined;

  /** When the last of the versions that refer to a blob was withdrawn; `undefined` when none refers to it. ISO 8601, UTC. */
  withdrawnAt(digest: Digest): string | undefined;

  /** By name. */
  allNamespaces(): readonly NamespaceRecord[];
  /** Those that can be seen, by name. */
  namespaces(page: PageRequest, isVisible?: (record: NamespaceRecord) => boolean): Page<NamespaceRecord>;
  /** @throws FILTER_INVALID, CURSOR_INVALID */
  models(selection: Selection, order: SortOrder | undefined, page: PageRequest): Page<Model>;
  countModels(selection: Selection): number;
  /** @throws FILTER_INVALID, CURSOR_INVALID */
  versions(selection: Selection, order: SortOrder | undefined, page: PageRequest): Page<IndexedVersion>;
  countVersions(selection: Selection): number;
  /** Newest first. @throws CURSOR_INVALID */
  events(selection: EventSelection, page: PageRequest): Page<RegistryEvent>;
}
