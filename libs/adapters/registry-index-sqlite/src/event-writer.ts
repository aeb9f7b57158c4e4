import type { StatementSync } from 'node:sqlite';
import {
  type FieldEntry,
  initialStatus,
  type LoggedKind,
  type LoggedRecords,
  type Model,
  type ModelVersion,
  modelEntries,
  type RegistryEvent,
  revisionOf,
  statusEntries,
  type VersionStatus,
  versionAttributes,
  versionEntries,
} from '#domain/registry';
import type { SqlValue } from './condition-sql.ts';

/** Writes events into the tables of the index, within a transaction of the caller's. */
export class EventWriter {
  readonly #prepare: (text: string) => StatementSync;

  constructor(prepare: (text: string) => StatementSync) {
    this.#prepare = prepare;
  }

  /** @returns false when the index has the event already. */
  write(event: RegistryEvent): boolean {
    if (this.#get('SELECT 1 FROM events WHERE eventId = ?', event.id) !== undefined) return false;
    const current = this.currentOf(event.kind, event.after as never);
    this.#insertEvent(event);
    const isNewer = current === undefined || revisionIn(event.kind, current) < revisionOf(event);
    if (isNewer) this.#writeRecord(event);
    return true;
  }

  currentOf<Kind extends LoggedKind>(kind: Kind, like: LoggedRecords[Kind]): LoggedRecords[Kind] | undefined {
    const row = this.#currentRow(kind, like);
    const text = row?.['record'] as string | null | undefined;
    return text == null ? undefined : (JSON.parse(text) as LoggedRecords[Kind]);
  }

  /** The event of a row; a registered version is not stored twice, so it comes from the versions' own table. */
  eventIn(row: Record<string, SqlValue>): RegistryEvent {
    const { namespace, model, version } = row;
    const stored = row['after'] as string | null;
    const after =
      stored ??
      (this.#get(
        'SELECT record FROM versions WHERE namespace = ? AND model = ? AND version = ?',
        namespace as string,
        model as string,
        version as number,
      )?.['record'] as string);
    const before = row['before'] as string | null;
    return {
      id: row['eventId'],
      kind: row['kind'],
      action: row['action'],
      at: row['at'],
      actor: row['actor'],
      before: before === null ? null : JSON.parse(before),
      after: JSON.parse(after),
    } as RegistryEvent;
  }

  #currentRow(kind: LoggedKind, like: LoggedRecords[LoggedKind]): Record<string, SqlValue> | undefined {
    switch (kind) {
      case 'namespace':
        return this.#get('SELECT record FROM namespaces WHERE namespace = ?', like.namespace);
      case 'model': {
        const { namespace, name } = like as Model;
        return this.#get('SELECT record FROM models WHERE namespace = ? AND name = ?', namespace, name);
      }
      case 'alias': {
        const { namespace, model, alias } = like as LoggedRecords['alias'];
        const where = 'namespace = ? AND model = ? AND alias = ?';
        return this.#get(`SELECT record FROM aliases WHERE ${where}`, namespace, model, alias);
      }
      case 'version':
      case 'status': {
        const { namespace, model, version } = like as VersionStatus;
        const column = kind === 'version' ? 'record' : 'status';
        const where = 'namespace = ? AND model = ? AND version = ?';
        return this.#get(`SELECT ${column} AS record FROM versions WHERE ${where}`, namespace, model, version);
      }
    }
  }

  #insertEvent(event: RegistryEvent): void {
    const { after } = event;
    const model = event.kind === 'model' ? event.after.name : 'model' in after ? after.model : null;
    this.#run(
      `INSERT INTO events (eventId, kind, action, at, actor, namespace, model, version, before, after)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      event.id,
      event.kind,
      event.action,
      event.at,
      event.actor,
      after.namespace,
      model,
      'version' in after ? after.version : null,
      event.before === null ? null : JSON.stringify(event.before),
      event.kind === 'version' ? null : JSON.stringify(after),
    );
  }

  #writeRecord(event: RegistryEvent): void {
    switch (event.kind) {
      case 'namespace':
        this.#run(
          `INSERT INTO namespaces (namespace, record) VALUES (?, ?)
           ON CONFLICT (namespace) DO UPDATE SET record = excluded.record`,
          event.after.namespace,
          JSON.stringify(event.after),
        );
        return;
      case 'model':
        this.#writeModel(event.after);
        return;
      case 'version':
        this.#writeVersion(event.after);
        return;
      case 'status':
        this.#writeStatus(event.after);
        return;
      case 'alias':
        this.#run(
          `INSERT INTO aliases (namespace, model, alias, version, record) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET version = excluded.version, record = excluded.record`,
          event.after.namespace,
          event.after.model,
          event.after.alias,
          event.after.version,
          JSON.stringify(event.after),
        );
        return;
    }
  }

  #writeModel(model: Model): void {
    const { namespace, name, owner, description, card, createdAt, createdBy, updatedAt } = model;
    const row = this.#get(
      `INSERT INTO models (namespace, name, owner, description, createdAt, createdBy, updatedAt, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (namespace, name) DO UPDATE SET owner = excluded.owner, description = excluded.description,
         updatedAt = excluded.updatedAt, record = excluded.record
       RETURNING id`,
      namespace,
      name,
      owner ?? null,
      description ?? null,
      createdAt,
      createdBy,
      updatedAt,
      JSON.stringify(model),
    );
    const id = row?.['id'] as number;
    const entries = modelEntries(model);
    this.#replaceEntries('model_entries', id, entries);
    const words = [name, owner, description, card, ...wordsOf(entries)];
    this.#run('DELETE FROM model_words WHERE rowid = ?', id);
    this.#run('INSERT INTO model_words (rowid, words) VALUES (?, ?)', id, textOf(words));
  }

  #writeVersion(version: ModelVersion): void {
    const { namespace, model, version: number, draftId } = version;
    const columns = { draftId, ...this.#columnsOf(version, initialStatus(version, version)) };
    const names = Object.keys(columns);
    const row = this.#get(
      `INSERT INTO versions (${names.join(', ')}, record) VALUES (${names.map(() => '?').join(', ')}, ?) RETURNING id`,
      ...Object.values(columns),
      JSON.stringify(version),
    );
    const id = row?.['id'] as number;
    this.#run(
      'UPDATE models SET versions = max(versions, ?) WHERE namespace = ? AND name = ?',
      number,
      namespace,
      model,
    );
    const entries = versionEntries(version);
    this.#insertEntries('version_entries', id, entries);
    for (const { format, files } of version.variants) {
      for (const [at, file] of files.entries()) {
        this.#run(
          'INSERT OR IGNORE INTO files (digest, id, sizeBytes, format) VALUES (?, ?, ?, ?)',
          file.digest,
          id,
          file.sizeBytes,
          at === 0 ? format : null,
        );
      }
    }
    const { description, semanticVersion, sourceCommit } = version.metadata;
    const words = [model, description, semanticVersion, sourceCommit, version.createdBy, ...wordsOf(entries)];
    this.#run('INSERT INTO version_words (rowid, words) VALUES (?, ?)', id, textOf(words));
  }

  #writeStatus(status: VersionStatus): void {
    const { namespace, model, version: number } = status;
    const row = this.#get(
      'SELECT id, record FROM versions WHERE namespace = ? AND model = ? AND version = ?',
      namespace,
      model,
      number,
    );
    if (row === undefined)
      throw new Error(`the log has a status of ${namespace}/${model}@${number} before the version`);
    const version = JSON.parse(row['record'] as string) as ModelVersion;
    const { stage, pendingStage, deprecated, tombstoned } = this.#columnsOf(version, status);
    this.#run(
      'UPDATE versions SET status = ?, stage = ?, pendingStage = ?, deprecated = ?, tombstoned = ? WHERE id = ?',
      JSON.stringify(status),
      stage ?? null,
      pendingStage ?? null,
      deprecated ?? null,
      tombstoned ?? null,
      row['id'] as number,
    );
    this.#run(`DELETE FROM version_entries WHERE id = ? AND field GLOB 'annotations.*'`, row['id'] as number);
    this.#insertEntries('version_entries', row['id'] as number, statusEntries(status));
  }

  #columnsOf(version: ModelVersion, status: VersionStatus): Record<string, SqlValue> {
    const attributes = Object.entries(versionAttributes(version, status));
    return Object.fromEntries(attributes.map(([name, { text, number }]) => [name, text ?? number ?? null]));
  }

  #replaceEntries(table: 'model_entries' | 'version_entries', id: number, entries: readonly FieldEntry[]): void {
    this.#run(`DELETE FROM ${table} WHERE id = ?`, id);
    this.#insertEntries(table, id, entries);
  }

  #insertEntries(table: 'model_entries' | 'version_entries', id: number, entries: readonly FieldEntry[]): void {
    for (const [field, { text, number }] of entries) {
      this.#run(
        `INSERT INTO ${table} (id, field, ordinal, text, number)
         VALUES (?1, ?2, (SELECT count(*) FROM ${table} WHERE id = ?1 AND field = ?2), ?3, ?4)`,
        id,
        field,
        text ?? null,
        number ?? null,
      );
    }
  }

  #get(text: string, ...values: SqlValue[]): Record<string, SqlValue> | undefined {
    return this.#prepare(text).get(...values) as Record<string, SqlValue> | undefined;
  }

  #run(text: string, ...values: SqlValue[]): void {
    this.#prepare(text).run(...values);
  }
}

function revisionIn(kind: LoggedKind, record: LoggedRecords[LoggedKind]): number {
  return kind === 'version' ? 1 : (record as Model).revision;
}

/** Names and texts of labels, parameters and data sets; digests and figures are looked up by filters instead. */
function wordsOf(entries: readonly FieldEntry[]): string[] {
  return entries
    .filter(([field]) => field !== 'digest')
    .map(([field, { text }]) => `${field.includes('.') ? field.slice(field.indexOf('.') + 1) : ''} ${text ?? ''}`);
}

function textOf(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined).join('\n');
}
