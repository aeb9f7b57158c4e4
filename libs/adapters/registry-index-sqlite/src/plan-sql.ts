import type { Selection, SortOrder } from '#application/registry';
import { DomainError } from '#domain/errors';
import { fieldType } from '#domain/registry';
import { type Condition, conditionsOf, joined, type RowSource, type Sql, type SubjectTables } from './condition-sql.ts';

/** A part of an ordered list in which the entries have a value to be ordered by (`key`), or none of them has. */
export interface Segment {
  /** Tables, with the subjects' own, called `s`, among them. */
  readonly from: string;
  /** The column with the subject's id by which the segment is walked. */
  readonly id: string;
  readonly where: Sql;
  readonly key: string | undefined;
}

/** How a selection is read. */
export interface Plan {
  readonly segments: readonly Segment[];
  /** Conditions on `s` that every segment's rows must satisfy. */
  readonly where: Sql;
}

/** How many rows make a difference for plans. */
export interface PlanSizes {
  /** So many rows are looked up and sorted in the time that a page may take. */
  readonly few: number;
  /** Counting stops here; above `few`. */
  readonly counted: number;
}

/** Counts the rows of a query of ids, up to a limit. */
export type CountRows = (ids: Sql, limit: number) => number;

/**
 * Chooses how to read a selection. Where few rows satisfy one of its conditions, those are looked up. Otherwise a list in the order of
 * ids is read along the rarest condition whose index yields them in that order, and any other list along its own order; either way
 * the rest of the conditions are checked row by row until the page is full.
 *
 * @throws FILTER_INVALID for fields that cannot order anything.
 */
export function planOf(
  tables: SubjectTables,
  selection: Selection,
  order: SortOrder | undefined,
  sizes: PlanSizes,
  countRows: CountRows,
): Plan {
  const conditions = conditionsOf(tables, selection).map(
    (condition): Counted => ({
      ...condition,
      count: condition.rows === undefined ? Number.POSITIVE_INFINITY : countRows(condition.rows.ids, sizes.counted),
    }),
  );
  /** What is left to check once the rows of one condition are read. */
  const checks = (done?: Counted) =>
    conditions.filter((condition) => condition !== done).map((condition) => checkOf(condition, sizes));
  const [rarest, leading] = [rarestOf(conditions), rarestOf(conditions.filter(({ rows }) => rows?.ordered))];
  if (rarest?.rows !== undefined && rarest.count <= sizes.few) {
    return {
      segments: segmentsOf(tables, order, true),
      where: joined([isAmong(rarest.rows), ...checks(rarest)], ' AND '),
    };
  }
  if (order === undefined && leading?.rows?.ordered !== undefined) {
    const { table, id, where } = leading.rows.ordered;
    const from = `${table} CROSS JOIN ${tables.rows} s ON s.id = ${id}`;
    return { segments: [{ from, id, where, key: undefined }], where: joined(checks(leading), ' AND ') };
  }
  return { segments: segmentsOf(tables, order, false), where: joined(checks(), ' AND ') };
}

type Counted = Condition & { readonly count: number };

function rarestOf(conditions: readonly Counted[]): Counted | undefined {
  return conditions.toSorted((left, right) => left.count - right.count)[0];
}

function checkOf({ probe, rows, count, isProbedSlowly }: Counted, { counted }: PlanSizes): Sql {
  return isProbedSlowly && rows !== undefined && count < counted ? isAmong(rows) : probe;
}

function isAmong({ ids }: RowSource): Sql {
  return { text: `s.id IN (${ids.text})`, values: ids.values };
}

/**
 * The segments of a list in the order of a field: entries with a value, then those without. `undefined` orders by id.
 *
 * @param isOfFew whether few subjects are left, so that they are better sorted than found along the order.
 * @throws FILTER_INVALID for fields that cannot order anything.
 */
function segmentsOf(tables: SubjectTables, order: SortOrder | undefined, isOfFew: boolean): Segment[] {
  const rows = { from: `${tables.rows} s`, id: 's.id' };
  if (order === undefined) return [{ ...rows, where: always, key: undefined }];
  const { field } = order;
  const type = fieldType(tables.fields, field, 'orderBy.field');
  if (tables.columns.has(field)) {
    const where = (text: string): Sql => ({ text: `s.${field} ${text}`, values: [] });
    return [
      { ...rows, where: where('IS NOT NULL'), key: `s.${field}` },
      { ...rows, where: where('IS NULL'), key: undefined },
    ];
  }
  if (!field.includes('.')) {
    throw new DomainError(
      'FILTER_INVALID',
      `cannot sort by ${field}: it may have several values, or stands in another record`,
      {
        field: 'orderBy.field',
      },
    );
  }
  const column = type === 'number' ? 'number' : 'text';
  const value: Sql = { text: `e.field = ? AND e.${column} IS NOT NULL`, values: [field] };
  const entries = `${tables.entries} e`;
  // CROSS JOIN keeps the order of the tables: the entries' index then yields the list in its order, without a sort.
  const join = isOfFew
    ? `${rows.from} CROSS JOIN ${entries} ON e.id = s.id`
    : `${entries} CROSS JOIN ${rows.from} ON s.id = e.id`;
  return [
    { from: join, id: 's.id', where: value, key: `e.${column}` },
    {
      ...rows,
      where: {
        text: `NOT EXISTS (SELECT 1 FROM ${entries} WHERE e.id = s.id AND ${value.text})`,
        values: value.values,
      },
      key: undefined,
    },
  ];
}

const always: Sql = { text: '1', values: [] };
