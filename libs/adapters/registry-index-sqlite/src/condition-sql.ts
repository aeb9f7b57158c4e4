import type { Selection } from '#application/registry';
import { DomainError } from '#domain/errors';
import {
  type ComparisonOperator,
  type FieldTable,
  type FieldType,
  type FilterExpression,
  type FilterValue,
  fieldsOf,
  fieldType,
} from '#domain/registry';

/** A value that SQLite takes. */
export type SqlValue = string | number | null;

/** A piece of SQL with the values of its placeholders, in order. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** How models or versions lie in the tables. */
export interface SubjectTables {
  readonly fields: FieldTable;
  /** The table of the subjects; its columns are the attributes that are not in `entries`. */
  readonly rows: 'models' | 'versions';
  readonly entries: 'model_entries' | 'version_entries';
  readonly words: 'model_words' | 'version_words';
  readonly columns: ReadonlySet<string>;
  /** Columns with an index; its rows come in the order of their ids, or not. */
  readonly indexed: Readonly<Record<string, { readonly isOrdered: boolean }>>;
}

/**
 * A condition on `s`, a row of the subjects' table. The row can be checked, and for some conditions the rows can be looked up. Checks
 * write their columns as `+column`, which keeps SQLite from looking rows up where `planOf` has chosen another way.
 */
export interface Condition {
  readonly probe: Sql;
  readonly rows?: RowSource;
  /** Whether a set of the rows is better, unless nearly all rows satisfy the condition. */
  readonly isProbedSlowly?: boolean;
}

/** Where the ids of exactly those rows that satisfy a condition stand. */
export interface RowSource {
  readonly ids: Sql;
  /** For those that yield the ids in their order, each once: the table, called `d`, to be joined. */
  readonly ordered?: { readonly table: string; readonly id: string; readonly where: Sql };
}

/** The conditions that a selection sets, all of which must be satisfied. */
export function conditionsOf(tables: SubjectTables, selection: Selection): Condition[] {
  const { namespace, model, filter, search } = selection;
  const isVersions = tables.rows === 'versions';
  const terms: FilterExpression[] = filter === undefined ? [] : conjunctsOf(filter);
  if (namespace !== undefined) terms.push(equals('namespace', namespace));
  if (model !== undefined) terms.push(equals(isVersions ? 'model' : 'name', model));
  if (isVersions && (filter === undefined || !fieldsOf(filter).has('tombstoned'))) {
    terms.push(equals('tombstoned', false));
  }
  const conditions = terms.map((term) => filterSql(tables, term));
  const words = search === undefined ? '' : matchQuery(search);
  return words === '' ? conditions : [...conditions, searchSql(tables, words)];
}

/** A filter as a condition on `s`, a row of the subjects' table, that can be checked. */
export function probeOf(tables: SubjectTables, filter: FilterExpression): Sql {
  return filterSql(tables, filter).probe;
}

function conjunctsOf(filter: FilterExpression): FilterExpression[] {
  return filter.kind === 'and' ? filter.terms.flatMap(conjunctsOf) : [filter];
}

function equals(field: string, value: FilterValue): FilterExpression {
  return { kind: 'compare', field, operator: '=', value };
}

function searchSql({ words }: SubjectTables, query: string): Condition {
  const where: Sql = { text: 'd.words MATCH ?', values: [query] };
  const rows = orderedRows(`${words} d`, 'd.rowid', where);
  return {
    probe: { text: `EXISTS (${rows.ids.text} AND d.rowid = s.id)`, values: [query] },
    rows,
    isProbedSlowly: true,
  };
}

/** A filter as a condition. The domain's `matchesFilter` says what it means. */
function filterSql(tables: SubjectTables, filter: FilterExpression): Condition {
  switch (filter.kind) {
    case 'and':
      return {
        probe: joined(
          filter.terms.map((term) => filterSql(tables, term).probe),
          ' AND ',
        ),
      };
    case 'or':
      return anyOf(filter.terms.map((term) => filterSql(tables, term)));
    case 'not':
      return { probe: negated(filterSql(tables, filter.term).probe) };
    case 'exists':
      return fieldSql(tables, filter.field, () => ({ text: '1', values: [] }));
    case 'in':
      return fieldSql(tables, filter.field, (type) => inSql(filter.values, type));
    case 'like':
      return fieldSql(tables, filter.field, () => ({ text: 'text LIKE ?', values: [filter.pattern] }));
    case 'compare': {
      const { field, operator, value } = filter;
      if (operator !== '!=') return fieldSql(tables, field, () => compareSql(operator, value), operator === '=');
      const exists = fieldSql(tables, field, () => ({ text: '1', values: [] }));
      const equal = fieldSql(tables, field, () => compareSql('=', value));
      return { probe: joined([exists.probe, negated(equal.probe)], ' AND ') };
    }
  }
}

function anyOf(terms: readonly Condition[]): Condition {
  const probe = joined(
    terms.map((term) => term.probe),
    ' OR ',
  );
  const sources = terms.map(({ rows }) => rows?.ids);
  if (!sources.every((ids) => ids !== undefined)) return { probe };
  const text = sources.map((ids) => ids.text).join(' UNION ALL ');
  return { probe, rows: { ids: { text, values: sources.flatMap((ids) => ids.values) } } };
}

function compareSql(operator: ComparisonOperator, value: FilterValue): Sql {
  return { text: `${columnFor(value)} ${operator} ?`, values: [plain(value)] };
}

function inSql(values: readonly FilterValue[], type: FieldType): Sql {
  const ofColumn = (column: string) => values.filter((value) => columnFor(value) === column).map(plain);
  const sides = (['text', 'number'] as const).map((column) => ({ column, list: ofColumn(column) }));
  const parts = sides
    .filter(({ list }) => list.length > 0)
    .map(({ column, list }): Sql => ({ text: `${column} IN (${list.map(() => '?').join(', ')})`, values: list }));
  if (parts.length === 0) throw new DomainError('FILTER_INVALID', `IN needs a value (${type})`, { field: 'filter' });
  return joined(parts, ' OR ');
}

/**
 * "Some value of the field satisfies the condition", where the condition is over the columns `text` and `number`.
 *
 * @param isEquality whether the condition wants one value: then an index yields the rows in the order of their ids.
 */
function fieldSql(
  tables: SubjectTables,
  field: string,
  condition: (type: FieldType) => Sql,
  isEquality = false,
): Condition {
  const type = fieldType(tables.fields, field);
  const wanted = condition(type);
  if (tables.columns.has(field)) return columnSql(tables, field, type, wanted, isEquality);
  if (field === 'alias') return aliasSql(wanted);
  if (field === 'owner') return ownerSql(wanted);
  const values = [field, ...wanted.values];
  const entries = `${tables.entries} d`;
  const checked = wanted.text.replaceAll(/\b(text|number)\b/g, '+d.$1');
  const rows = orderedRows(entries, 'd.id', { text: `d.field = ? AND ${wanted.text}`, values });
  return {
    probe: { text: `EXISTS (SELECT 1 FROM ${entries} WHERE d.id = s.id AND d.field = ? AND (${checked}))`, values },
    rows: isEquality ? rows : { ids: rows.ids },
  };
}

function aliasSql({ text, values }: Sql): Condition {
  const named = text.replaceAll(/\btext\b/g, 'a.alias');
  const isOf = (row: string) =>
    `a.namespace = ${row}.namespace AND a.model = ${row}.model AND a.version = ${row}.version AND ${named}`;
  return {
    probe: { text: `EXISTS (SELECT 1 FROM aliases a WHERE ${isOf('s')})`, values },
    rows: { ids: { text: `SELECT d.id FROM aliases a CROSS JOIN versions d ON ${isOf('d')}`, values } },
  };
}

/** Versions belong to whom their model belongs to. */
function ownerSql({ text, values }: Sql): Condition {
  const owned = `m.owner IS NOT NULL AND ${text.replaceAll(/\bnumber\b/g, 'NULL').replaceAll(/\btext\b/g, 'm.owner')}`;
  const isOf = (row: string) => `m.namespace = ${row}.namespace AND m.name = ${row}.model AND (${owned})`;
  return {
    probe: { text: `EXISTS (SELECT 1 FROM models m WHERE ${isOf('s')})`, values },
    rows: { ids: { text: `SELECT d.id FROM models m CROSS JOIN versions d ON ${isOf('d')}`, values } },
  };
}

/** A column is both the text and the number of its field. A column without a value satisfies nothing, not even through NOT. */
function columnSql(
  { rows, indexed }: SubjectTables,
  field: string,
  type: FieldType,
  { text, values }: Sql,
  isEquality: boolean,
): Condition {
  const other = type === 'text' ? /\bnumber\b/g : /\btext\b/g;
  const own = type === 'text' ? /\btext\b/g : /\bnumber\b/g;
  const of = (column: string): Sql => {
    return { text: `(${column} IS NOT NULL AND ${text.replaceAll(other, 'NULL').replaceAll(own, column)})`, values };
  };
  const index = indexed[field];
  if (index === undefined) return { probe: of(`+s.${field}`) };
  const found = orderedRows(`${rows} d`, 'd.id', of(`d.${field}`));
  return { probe: of(`+s.${field}`), rows: isEquality && index.isOrdered ? found : { ids: found.ids } };
}

function orderedRows(table: string, id: string, where: Sql): RowSource {
  return {
    ids: { text: `SELECT ${id} FROM ${table} WHERE ${where.text}`, values: where.values },
    ordered: { table, id, where },
  };
}

/** Words as FTS5 wants them: each quoted, all wanted, the last one as the beginning of a word. */
function matchQuery(search: string): string {
  const words = search.normalize('NFC').match(/[\p{L}\p{N}_]+/gu) ?? [];
  const quoted = words.slice(0, 20).map((word) => `"${word}"`);
  return quoted.length === 0 ? '' : `${quoted.join(' ')}*`;
}

function columnFor(value: FilterValue): 'text' | 'number' {
  return typeof value === 'string' ? 'text' : 'number';
}

function plain(value: FilterValue): SqlValue {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Pieces of SQL as one; nothing at all is true. */
export function joined(parts: readonly Sql[], glue: ' AND ' | ' OR '): Sql {
  if (parts.length === 0) return { text: '1', values: [] };
  return { text: `(${parts.map((part) => part.text).join(glue)})`, values: parts.flatMap((part) => part.values) };
}

function negated({ text, values }: Sql): Sql {
  return { text: `NOT (${text})`, values };
}
