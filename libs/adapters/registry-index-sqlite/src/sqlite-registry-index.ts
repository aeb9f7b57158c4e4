import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type {
  EventBatch,
  EventSelection,
  IndexedVersion,
  KnownFile,
  Page,
  PageRequest,
  RegistryIndex,
  Selection,
  SortOrder,
} from '#application/registry';
import {
  type Alias,
  type AliasName,
  type Digest,
  initialStatus,
  type LoggedKind,
  type LoggedRecords,
  MODEL_FIELDS,
  type Model,
  type ModelFormat,
  type ModelName,
  type ModelVersion,
  type Namespace,
  type NamespaceRecord,
  type RegistryEvent,
  VERSION_FIELDS,
  type VersionStatus,
} from '#domain/registry';
import type { Sql, SqlValue, SubjectTables } from './condition-sql.ts';
import { visibleEvents } from './event-sql.ts';
import { EventWriter } from './event-writer.ts';
import { INDEX_SCHEMA, INDEX_TABLES } from './index-schema.ts';
import { assertLimit, encodeCursor, pageQueries } from './page-sql.ts';
import { type Plan, type PlanSizes, planOf, type Segment } from './plan-sql.ts';

type Row = Record<string, SqlValue>;

const MODELS: SubjectTables = {
  fields: MODEL_FIELDS,
  rows: 'models',
  entries: 'model_entries',
  words: 'model_words',
  columns: new Set(Object.keys(MODEL_FIELDS.attributes)),
  indexed: { namespace: { isOrdered: false } },
};

/** Attributes with several values, or of other records. */
const NO_COLUMNS = new Set(['owner', 'alias', 'target', 'precision', 'format', 'dataset', 'digest', 'parent']);
const VERSIONS: SubjectTables = {
  fields: VERSION_FIELDS,
  rows: 'versions',
  entries: 'version_entries',
  words: 'version_words',
  columns: new Set(Object.keys(VERSION_FIELDS.attributes).filter((field) => !NO_COLUMNS.has(field))),
  indexed: { namespace: { isOrdered: false }, model: { isOrdered: true }, stage: { isOrdered: true } },
};

/** Measured with 100,000 versions: sorting 2,000 takes 3 ms, counting 8,000 takes 0.3 ms. */
const PLAN_SIZES: PlanSizes = { few: 2000, counted: 8000 };
/** How many prepared statements are kept; filters make new ones. */
const MAX_STATEMENTS = 300;
const VERSION_COLUMNS = 's.id, s.record, s.status, s.namespace, s.model, s.version';

/**
 * The registry's index in SQLite. A cache: it may be deleted at any time, and is built again from the bucket's event log.
 */
export class SqliteRegistryIndex implements RegistryIndex {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #writer: EventWriter;
  readonly #sizes: PlanSizes;
  #position: number;

  private constructor(database: DatabaseSync, sizes: PlanSizes) {
    this.#database = database;
    this.#sizes = sizes;
    this.#writer = new EventWriter((text) => this.#prepare(text));
    this.#position = Number(this.#row('SELECT value FROM meta WHERE name = ?', ['position'])?.['value'] ?? 0);
  }

  /**
   * Opens an index file, building an empty one when there is none, or when it belongs to another bucket or program version, or is
   * damaged.
   *
   * @param path file, or `:memory:`.
   * @param bucketId the identity of the bucket that it must belong to.
   * @param sizes for tests: smaller ones take the ways of large registries in small ones.
   * @throws Error while another process has it open.
   */
  static open(path: string, bucketId: string, sizes = PLAN_SIZES): SqliteRegistryIndex {
    const existing = openDatabase(path);
    if (existing !== undefined && belongsTo(existing, bucketId)) return new SqliteRegistryIndex(existing, sizes);
    existing?.close();
    if (path !== ':memory:') for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    const fresh = openDatabase(path);
    if (fresh === undefined) throw new Error(`the index ${path} cannot be created`);
    fresh.exec(`BEGIN; ${INDEX_TABLES} PRAGMA user_version = ${INDEX_SCHEMA}; COMMIT`);
    fresh.prepare('INSERT INTO meta (name, value) VALUES (?, ?)').run('bucket', bucketId);
    return new SqliteRegistryIndex(fresh, sizes);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  get position(): number {
    return this.#position;
  }

  apply(batch: EventBatch): readonly RegistryEvent[] {
    if (batch.sequence <= this.#position) return [];
    if (batch.sequence !== this.#position + 1) {
      throw new Error(`batch ${batch.sequence} cannot follow position ${this.#position}`);
    }
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const fresh = batch.events.filter((event) => this.#writer.write(event));
      this.#run('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)', ['position', String(batch.sequence)]);
      this.#database.exec('COMMIT');
      this.#position = batch.sequence;
      return fresh;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  hasEvent(id: string): boolean {
    return this.#row('SELECT 1 FROM events WHERE eventId = ?', [id]) !== undefined;
  }

  currentOf<Kind extends LoggedKind>(kind: Kind, like: LoggedRecords[Kind]): LoggedRecords[Kind] | undefined {
    return this.#writer.currentOf(kind, like);
  }

  namespace(namespace: Namespace): NamespaceRecord | undefined {
    return this.#record('SELECT record FROM namespaces WHERE namespace = ?', [namespace]);
  }

  model(namespace: Namespace, name: ModelName): Model | undefined {
    return this.#record('SELECT record FROM models WHERE namespace = ? AND name = ?', [namespace, name]);
  }

  version(namespace: Namespace, model: ModelName, version: number): IndexedVersion | undefined {
    const row = this.#row(
      `SELECT ${VERSION_COLUMNS} FROM versions s WHERE s.namespace = ? AND s.model = ? AND s.version = ?`,
      [namespace, model, version],
    );
    return row && this.#versionIn(row);
  }

  versionOfDraft(namespace: Namespace, model: ModelName, draftId: string): ModelVersion | undefined {
    return this.#record('SELECT record FROM versions WHERE namespace = ? AND model = ? AND draftId = ?', [
      namespace,
      model,
      draftId,
    ]);
  }

  alias(namespace: Namespace, model: ModelName, alias: AliasName): Alias | undefined {
    return this.#record('SELECT record FROM aliases WHERE namespace = ? AND model = ? AND alias = ?', [
      namespace,
      model,
      alias,
    ]);
  }

  aliases(namespace: Namespace, model: ModelName): readonly Alias[] {
    const rows = this.#rows(
      'SELECT record FROM aliases WHERE namespace = ? AND model = ? AND version > 0 ORDER BY alias',
      [namespace, model],
    );
    return rows.map((row) => JSON.parse(row['record'] as string) as Alias);
  }

  latestNumber(namespace: Namespace, model: ModelName): number {
    const row = this.#row('SELECT versions FROM models WHERE namespace = ? AND name = ?', [namespace, model]);
    return (row?.['versions'] as number | undefined) ?? 0;
  }

  knownFile(format: ModelFormat, digest: Digest): KnownFile | undefined {
    const row = this.#row('SELECT id FROM files WHERE digest = ? AND format = ? LIMIT 1', [digest, format]);
    if (row === undefined) return undefined;
    const version = this.#record<ModelVersion>('SELECT record FROM versions WHERE id = ?', [row['id'] as number]);
    const variant = version?.variants.find(({ files }) => files[0].digest === digest && files.length === 1);
    if (version === undefined || variant?.summary === undefined) return undefined;
    const { opsets, producer, summary } = variant;
    return { signature: version.signature, opsets, producer, summary };
  }

  referencedSize(digest: Digest): number | undefined {
    const row = this.#row(
      `SELECT f.sizeBytes FROM files f JOIN versions v ON v.id = f.id WHERE f.digest = ? AND v.tombstoned = 0 LIMIT 1`,
      [digest],
    );
    return row?.['sizeBytes'] as number | undefined;
  }

  withdrawnAt(digest: Digest): string | undefined {
    const row = this.#row(
      `SELECT max(json_extract(v.status, '$.tombstone.at')) AS at FROM files f JOIN versions v ON v.id = f.id WHERE f.digest = ?`,
      [digest],
    );
    return (row?.['at'] as string | null | undefined) ?? undefined;
  }

  allNamespaces(): readonly NamespaceRecord[] {
    return this.#rows('SELECT record FROM namespaces ORDER BY namespace', []).map(recordIn<NamespaceRecord>);
  }

  namespaces(page: PageRequest, isVisible?: (record: NamespaceRecord) => boolean): Page<NamespaceRecord> {
    const segments: Segment[] = [{ from: 'namespaces s', id: 's.id', where: everything, key: 's.namespace' }];
    const where = isVisible === undefined ? everything : this.#namespacesThat(isVisible);
    return this.#page('s.id, s.record', { segments, where }, false, page, recordIn<NamespaceRecord>);
  }

  models(selection: Selection, order: SortOrder | undefined, page: PageRequest): Page<Model> {
    const plan = this.#plan(MODELS, selection, order ?? { field: 'name', isDescending: false });
    return this.#page('s.id, s.record', plan, order?.isDescending ?? false, page, recordIn<Model>);
  }

  countModels(selection: Selection): number {
    return this.#count(this.#plan(MODELS, selection));
  }

  versions(selection: Selection, order: SortOrder | undefined, page: PageRequest): Page<IndexedVersion> {
    const isDescending = order?.isDescending ?? true;
    return this.#page(VERSION_COLUMNS, this.#plan(VERSIONS, selection, order), isDescending, page, (row) =>
      this.#versionIn(row),
    );
  }

  countVersions(selection: Selection): number {
    return this.#count(this.#plan(VERSIONS, selection));
  }

  events({ namespace, model, version, actions, visible }: EventSelection, page: PageRequest): Page<RegistryEvent> {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const add = (text: string, ...given: SqlValue[]) => {
      conditions.push(text);
      values.push(...given);
    };
    if (namespace !== undefined) add('e.namespace = ?', namespace);
    if (model !== undefined) add('e.model = ?', model);
    if (version !== undefined) add('e.version = ?', version);
    if (actions !== undefined) add(`e.action IN (${actions.map(() => '?').join(', ')})`, ...actions);
    if (visible !== undefined) {
      const seen = visibleEvents(MODELS, VERSIONS, visible);
      add(seen.text, ...seen.values);
    }
    const where: Sql = { text: conditions.join(' AND ') || '1', values };
    const segments: Segment[] = [{ from: 'events e', id: 'e.id', where: everything, key: undefined }];
    return this.#page('e.*', { segments, where }, true, page, (row) => this.#writer.eventIn(row));
  }

  /** There are few namespaces, and what is asked of them is more than their columns say. */
  #namespacesThat(isVisible: (record: NamespaceRecord) => boolean): Sql {
    const ids = this.#rows('SELECT s.id, s.record FROM namespaces s', [])
      .filter((row) => isVisible(recordIn<NamespaceRecord>(row)))
      .map((row) => row['id'] as number);
    return { text: 's.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(ids)] };
  }

  #page<T>(columns: string, plan: Plan, isDescending: boolean, page: PageRequest, read: (row: Row) => T): Page<T> {
    assertLimit(page);
    const rows: Row[] = [];
    for (const { text, values } of pageQueries(columns, plan, isDescending, page)) {
      if (rows.length > page.limit) break;
      rows.push(...this.#rows(text, [...values, page.limit + 1 - rows.length]));
    }
    const isMore = rows.length > page.limit;
    const wanted = rows.slice(0, page.limit);
    if (page.isBackward) wanted.reverse();
    return {
      entries: wanted.map((row) => ({
        node: read(row),
        cursor: encodeCursor({ id: row['id'] as number, sort: row['sortValue'] ?? null }),
      })),
      hasNextPage: page.isBackward ? page.from !== undefined : isMore,
      hasPreviousPage: page.isBackward ? isMore : page.from !== undefined,
    };
  }

  #versionIn(row: Row): IndexedVersion {
    const version = JSON.parse(row['record'] as string) as ModelVersion;
    const text = row['status'] as string | null;
    const status = text === null ? initialStatus(version, version) : (JSON.parse(text) as VersionStatus);
    const aliases = this.#rows(
      'SELECT alias FROM aliases WHERE namespace = ? AND model = ? AND version = ? ORDER BY alias',
      [version.namespace, version.model, version.version],
    );
    return { version, status, aliases: aliases.map(({ alias }) => alias as AliasName) };
  }

  #plan(tables: SubjectTables, selection: Selection, order?: SortOrder): Plan {
    return planOf(tables, selection, order, this.#sizes, ({ text, values }, limit) => {
      const row = this.#row(`SELECT count(*) AS count FROM (${text} LIMIT ?)`, [...values, limit]);
      return row?.['count'] as number;
    });
  }

  #count({ segments, where }: Plan): number {
    const counts = segments.map((segment) => {
      const text = `SELECT count(*) AS count FROM ${segment.from} WHERE ${segment.where.text} AND ${where.text}`;
      return this.#row(text, [...segment.where.values, ...where.values])?.['count'] as number;
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #record<T>(text: string, values: readonly SqlValue[]): T | undefined {
    const row = this.#row(text, values);
    return row && (JSON.parse(row['record'] as string) as T);
  }

  #row(text: string, values: readonly SqlValue[]): Row | undefined {
    return this.#prepare(text).get(...values) as Row | undefined;
  }

  #rows(text: string, values: readonly SqlValue[]): Row[] {
    return this.#prepare(text).all(...values) as Row[];
  }

  #run(text: string, values: readonly SqlValue[]): void {
    this.#prepare(text).run(...values);
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const oldest = this.#statements.size >= MAX_STATEMENTS ? this.#statements.keys().next().value : undefined;
    if (oldest !== undefined) this.#statements.delete(oldest);
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

const everything: Sql = { text: '1', values: [] };

function recordIn<T>(row: Row): T {
  return JSON.parse(row['record'] as string) as T;
}

/** `undefined` when the file is no database. Durability is the bucket's business, so a commit here does not wait for the disk. */
function openDatabase(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 2000 });
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA case_sensitive_like = OFF;
      PRAGMA cache_size = -65536;
      PRAGMA temp_store = MEMORY;
      BEGIN IMMEDIATE; COMMIT;`);
    return database;
  } catch (error) {
    database?.close();
    const message = (error as Error).message;
    if (/locked|busy/i.test(message)) {
      throw new Error(
        `the index ${path} is in use by another registry: set SLIPWAY_REGISTRY_INDEX to a file of its own`,
        {
          cause: error,
        },
      );
    }
    if (/not a database|malformed/i.test(message)) return undefined;
    throw error;
  }
}

function belongsTo(database: DatabaseSync, bucketId: string): boolean {
  try {
    const { user_version: schema } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (schema !== INDEX_SCHEMA) return false;
    const { quick_check: damage } = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    const row = database.prepare('SELECT value FROM meta WHERE name = ?').get('bucket') as
      | { value: string }
      | undefined;
    return damage === 'ok' && row?.value === bucketId;
  } catch {
    return false;
  }
}
