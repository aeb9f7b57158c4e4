import type { Selection, SortOrder } from '#application/registry';
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

/**
 * Whether few rows satisfy a condition: such a condition is answered first and its rows are looked up; any other is checked row by
 * row while walking the order.
 */
export type IsSelective = (rows: Sql) => boolean;

/** How models or versions lie in the tables. */
export interface SubjectTables {
  readonly fields: FieldTable;
  /** The table of the subjects; its columns are the attributes that are not in `entries`. */
  readonly rows: 'models' | 'versions';
  readonly entries: 'model_entries' | 'version_entries';
  readonly words: 'model_words' | 'version_words';
  readonly columns: ReadonlySet<string>;
}

/** A selection as a condition on `s`, and whether few rows satisfy some part of it that all must satisfy. */
export interface Where extends Sql {
  readonly isSelective: boolean;
}

/** The WHERE clause of a selection. */
export function whereOf(tables: SubjectTables, selection: Selection, isSelective: IsSelective): Where {
  const { namespace, model, filter, search } = selection;
  const parts: Where[] = [];
  if (namespace !== undefined) parts.push({ text: 's.namespace = ?', values: [namespace], isSelective: false });
  if (model !== undefined) parts.push({ text: 's.model = ?', values: [model], isSelective: false });
  const isVersions = tables.rows === 'versions';
  if (isVersions && (filter === undefined || !fieldsOf(filter).has('tombstoned'))) {
    parts.push({ text: 's.tombstoned = 0', values: [], isSelective: false });
  }
  if (filter !== undefined) parts.push(filterSql(tables, filter, isSelective));
  const words = search === undefined ? '' : matchQuery(search);
  if (words !== '') parts.push(searchSql(tables, words, isSelective));
  return parts.length === 0 ? { text: '1', values: [], isSelective: false } : joined(parts, ' AND ');
}

/** A part of an ordered list in which the entries have a value to be ordered by (`key`), or none of them has. */
export interface Segment {
  /** Tables, with `s` among them. */
  readonly from: Sql;
  readonly where: Sql;
  readonly key: string | undefined;
}

/**
 * The segments of a list in the order of a field: entries with a value, then those without. `undefined` orders by row id.
 *
 * @throws FILTER_INVALID for fields that cannot order anything.
 */
export function segmentsOf(tables: SubjectTables, order: SortOrder | undefined, isSelective: boolean): Segment[] {
  const rows: Sql = { text: `${tables.rows} s`, values: [] };
  if (order === undefined) return [{ from: rows, where: always, key: undefined }];
  const { field } = order;
  const type = fieldType(tables.fields, field);
  if (tables.columns.has(field)) {
    const where = (text: string): Sql => ({ text: `s.${field} ${text}`, values: [] });
    return [
      { from: rows, where: where('IS NOT NULL'), key: `s.${field}` },
      { from: rows, where: where('IS NULL'), key: undefined },
    ];
  }
  if (!field.includes('.')) {
    throw new DomainError('FILTER_INVALID', `cannot sort by ${field}: it may have several values`, {
      field: 'orderBy',
    });
  }
  const column = type === 'number' ? 'number' : 'text';
  const value: Sql = { text: `e.field = ? AND e.${column} IS NOT NULL`, values: [field] };
  const entries = `${tables.entries} e`;
  // CROSS JOIN keeps the order of the tables: the entries' index then yields the list in its order, without a sort.
  const join = isSelective
    ? `${rows.text} CROSS JOIN ${entries} ON e.id = s.id`
    : `${entries} CROSS JOIN ${rows.text} ON s.id = e.id`;
  return [
    { from: { text: join, values: [] }, where: value, key: `e.${column}` },
    {
      from: rows,
      where: {
        text: `NOT EXISTS (SELECT 1 FROM ${entries} WHERE e.id = s.id AND ${value.text})`,
        values: value.values,
      },
      key: undefined,
    },
  ];
}

const always: Sql = { text: '1', values: [] };

function searchSql(tables: SubjectTables, words: string, isSelective: IsSelective): Where {
  const matches: Sql = { text: `SELECT rowid FROM ${tables.words} WHERE words MATCH ?`, values: [words] };
  if (isSelective(matches)) {
    return { text: `s.id IN (${matches.text})`, values: [words], isSelective: true };
  }
  return { text: `EXISTS (${matches.text} AND rowid = s.id)`, values: [words], isSelective: false };
}

/** A filter as a condition on `s`. The domain's `matchesFilter` says what it means. */
function filterSql(tables: SubjectTables, filter: FilterExpression, isSelective: IsSelective): Where {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.terms.map((term) => filterSql(tables, term, isSelective)),
        filter.kind === 'and' ? ' AND ' : ' OR ',
      );
    case 'not':
      return negated(filterSql(tables, filter.term, isSelective));
    case 'exists':
      return fieldSql(tables, filter.field, () => ({ text: '1', values: [] }), isSelective);
    case 'in':
      return fieldSql(tables, filter.field, (type) => inSql(filter.values, type), isSelective);
    case 'like':
      return fieldSql(tables, filter.field, () => ({ text: 'text LIKE ?', values: [filter.pattern] }), isSelective);
    case 'compare': {
      const { field, operator, value } = filter;
      if (operator !== '!=') return fieldSql(tables, field, () => compareSql(operator, value), isSelective);
      const exists = fieldSql(tables, field, () => ({ text: '1', values: [] }), isSelective);
      const equal = fieldSql(tables, field, () => compareSql('=', value), isSelective);
      return joined([exists, negated(equal)], ' AND ');
    }
  }
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
 */
function fieldSql(
  tables: SubjectTables,
  field: string,
  condition: (type: FieldType) => Sql,
  isSelective: IsSelective,
): Where {
  const type = fieldType(tables.fields, field);
  const { text, values } = condition(type);
  if (tables.columns.has(field)) return { text: `(${columnCondition(field, type, text)})`, values, isSelective: false };
  if (field === 'alias') {
    const named = text.replaceAll(/\btext\b/g, 'a.alias');
    const inAliases = `SELECT 1 FROM aliases a WHERE a.namespace = s.namespace AND a.model = s.model AND a.version = s.version`;
    return { text: `EXISTS (${inAliases} AND ${named})`, values, isSelective: false };
  }
  const rows: Sql = {
    text: `SELECT e.id FROM ${tables.entries} e WHERE e.field = ? AND ${text}`,
    values: [field, ...values],
  };
  if (isSelective(rows)) {
    return { text: `s.id IN (${rows.text})`, values: rows.values, isSelective: true };
  }
  const probe = `SELECT 1 FROM ${tables.entries} e WHERE e.id = s.id AND e.field = ? AND ${text}`;
  return { text: `EXISTS (${probe})`, values: [field, ...values], isSelective: false };
}

/** A column is both the text and the number of its field. A column without a value satisfies nothing, not even through NOT. */
function columnCondition(field: string, type: FieldType, condition: string): string {
  const other = type === 'text' ? /\bnumber\b/g : /\btext\b/g;
  const own = type === 'text' ? /\btext\b/g : /\bnumber\b/g;
  return `s.${field} IS NOT NULL AND ${condition.replaceAll(other, 'NULL').replaceAll(own, `s.${field}`)}`;
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

function joined(parts: readonly (Sql & { readonly isSelective?: boolean })[], glue: ' AND ' | ' OR '): Where {
  const isTrue = (part: { isSelective?: boolean }) => part.isSelective === true;
  return {
    text: `(${parts.map((part) => part.text).join(glue)})`,
    values: parts.flatMap((part) => part.values),
    isSelective: glue === ' AND ' ? parts.some(isTrue) : parts.every(isTrue),
  };
}

function negated({ text, values }: Sql): Where {
  return { text: `NOT (${text})`, values, isSelective: false };
}
