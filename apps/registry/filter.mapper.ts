import type { Selection, SortOrder } from '#application/registry';
import { DomainError } from '#domain/errors';
import {
  type ComparisonOperator,
  type FieldTable,
  type FilterExpression,
  type FilterValue,
  fieldType,
  MODEL_FIELDS,
  parseFilter,
  parseModelName,
  parseNamespace,
  VERSION_FIELDS,
} from '#domain/registry';
import type * as wire from '#generated/graphql';

interface SelectionArgs {
  readonly namespace?: string | null;
  readonly model?: string | null;
  readonly filter?: string | null;
  readonly where?: wire.VersionFilter | wire.ModelFilter | null;
  readonly search?: string | null;
}

const MAX_SEARCH = 500;
const MAX_DEPTH = 16;
const OPERATORS = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const satisfies Record<
  string,
  ComparisonOperator
>;

/** @throws NAME_INVALID, FILTER_INVALID, INPUT_INVALID */
export function modelSelectionOf(args: SelectionArgs): Selection {
  return selectionOf(args, MODEL_FIELDS);
}

/** @throws NAME_INVALID, FILTER_INVALID, INPUT_INVALID */
export function versionSelectionOf(args: SelectionArgs): Selection {
  return selectionOf(args, VERSION_FIELDS);
}

export function orderOf(orderBy: wire.OrderInput | null | undefined): SortOrder | undefined {
  return orderBy == null ? undefined : { field: orderBy.field, isDescending: orderBy.direction === 'DESC' };
}

/** A version filter in text; `undefined` for none. @throws FILTER_INVALID */
export function versionFilterOf(text: string | null | undefined): FilterExpression | undefined {
  return text == null || text.trim() === '' ? undefined : parseFilter(text, VERSION_FIELDS);
}

function selectionOf({ namespace, model, filter, where, search }: SelectionArgs, table: FieldTable): Selection {
  if (search != null && search.length > MAX_SEARCH) {
    const problem = `search must have at most ${MAX_SEARCH} characters`;
    throw new DomainError('INPUT_INVALID', problem, { field: 'search' });
  }
  const terms: FilterExpression[] = [];
  if (filter != null && filter.trim() !== '') terms.push(parseFilter(filter, table));
  if (where != null) terms.push(typedFilter(where, table, 0));
  return {
    namespace: namespace == null ? undefined : parseNamespace(namespace),
    model: model == null ? undefined : parseModelName(model, 'model'),
    filter: terms.length === 0 ? undefined : allOf(terms),
    search: search ?? undefined,
  };
}

/** Typed inputs as an expression: every member of the input must hold. */
function typedFilter(input: object, table: FieldTable, depth: number): FilterExpression {
  if (depth > MAX_DEPTH) throw invalid(`the filter nests deeper than ${MAX_DEPTH} levels`);
  const given = Object.entries(input).filter(([, value]) => value != null);
  return allOf(
    given.map(([name, value]) => {
      switch (name) {
        case 'and':
        case 'or':
          return anyOrAll(
            name,
            (value as object[]).map((term) => typedFilter(term, table, depth + 1)),
          );
        case 'not':
          return { kind: 'not', term: typedFilter(value as object, table, depth + 1) };
        default:
          return name in table.maps ? entriesFilter(name, value as EntryCondition[], table) : fieldFilter(name, value);
      }
    }),
  );
}

interface EntryCondition {
  readonly name: string;
  readonly exists?: boolean | null;
  readonly value?: wire.TextCondition | wire.NumberCondition | null;
}

function entriesFilter(map: string, conditions: readonly EntryCondition[], table: FieldTable): FilterExpression {
  return allOf(
    conditions.flatMap(({ name, exists, value }) => {
      const field = `${map}.${name}`;
      fieldType(table, field, 'where');
      const has: FilterExpression = { kind: 'exists', field };
      const presence: FilterExpression[] = exists == null ? [] : [exists ? has : { kind: 'not', term: has }];
      const comparisons = value == null ? [] : [fieldFilter(field, value)];
      if (presence.length + comparisons.length === 0) throw invalid(`the condition on ${field} is empty`);
      return [...presence, ...comparisons];
    }),
  );
}

function fieldFilter(field: string, condition: unknown): FilterExpression {
  if (typeof condition === 'boolean') return { kind: 'compare', field, operator: '=', value: condition };
  // Lists of enum values: upper case on the wire, lower case everywhere else.
  if (Array.isArray(condition))
    return inList(
      field,
      (condition as string[]).map((word) => word.toLowerCase()),
    );
  const given = Object.entries(condition as Record<string, unknown>).filter(([, value]) => value != null);
  return allOf(
    given.map(([name, value]) => {
      if (name === 'in') return inList(field, value as FilterValue[]);
      if (name === 'like') return { kind: 'like', field, pattern: value as string };
      return {
        kind: 'compare',
        field,
        operator: OPERATORS[name as keyof typeof OPERATORS],
        value: value as FilterValue,
      };
    }),
  );
}

function inList(field: string, values: readonly FilterValue[]): FilterExpression {
  if (values.length === 0) throw invalid(`the list of ${field} is empty`);
  return { kind: 'in', field, values };
}

function allOf(terms: readonly FilterExpression[]): FilterExpression {
  return anyOrAll('and', terms);
}

function anyOrAll(kind: 'and' | 'or', terms: readonly FilterExpression[]): FilterExpression {
  const [first] = terms;
  if (first === undefined) throw invalid('a part of the filter is empty');
  return terms.length === 1 ? first : { kind, terms };
}

function invalid(problem: string): DomainError {
  return new DomainError('FILTER_INVALID', problem, { field: 'where' });
}
