/** How a field is compared: names in quotes as text, figures as numbers. */
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A value in a filter. */
export type FilterValue = string | number | boolean;

/**
 * A condition on models or versions. `field` is an attribute such as `stage`, or an entry of a map such as `metrics.accuracy`.
 *
 * A field may have no value or several (a version has as many `target`s as variants). A comparison holds when some value of the
 * field satisfies it, `!=` when there is a value and none is equal; so no comparison holds for a field without a value.
 */
export type FilterExpression =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly FilterExpression[] }
  | { readonly kind: 'not'; readonly term: FilterExpression }
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly operator: ComparisonOperator;
      readonly value: FilterValue;
    }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly kind: 'like'; readonly field: string; readonly pattern: string }
  | { readonly kind: 'exists'; readonly field: string };

/** One value of a field. Parameters have both when their text reads as a number. */
export interface FieldValue {
  readonly text?: string;
  readonly number?: number;
}

/** Tells the values of a field of one model or version. */
export type FieldReader = (field: string) => readonly FieldValue[];

/** Whether a model or version satisfies a filter. The index answers the same question in SQL; a property test holds them together. */
export function matchesFilter(expression: FilterExpression, read: FieldReader): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.terms.every((term) => matchesFilter(term, read));
    case 'or':
      return expression.terms.some((term) => matchesFilter(term, read));
    case 'not':
      return !matchesFilter(expression.term, read);
    case 'exists':
      return read(expression.field).length > 0;
    case 'in':
      return read(expression.field).some((value) => expression.values.some((wanted) => isEqual(value, wanted)));
    case 'like':
      return read(expression.field).some(({ text }) => text !== undefined && isLike(text, expression.pattern));
    case 'compare':
      return compares(read(expression.field), expression.operator, expression.value);
  }
}

/** Every field that an expression names. */
export function fieldsOf(expression: FilterExpression): ReadonlySet<string> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return new Set(expression.terms.flatMap((term) => [...fieldsOf(term)]));
    case 'not':
      return fieldsOf(expression.term);
    default:
      return new Set([expression.field]);
  }
}

/** The reading of a text as a number, for parameters; `undefined` when it is none. */
export function numberIn(text: string): number | undefined {
  if (text.length > 40 || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function compares(values: readonly FieldValue[], operator: ComparisonOperator, wanted: FilterValue): boolean {
  if (operator === '!=') return values.length > 0 && !values.some((value) => isEqual(value, wanted));
  return values.some((value) => {
    const got = sideOf(value, wanted);
    if (got === undefined) return false;
    const right = typeof wanted === 'boolean' ? Number(wanted) : wanted;
    return holds(got, operator, right);
  });
}

function holds(left: string | number, operator: ComparisonOperator, right: string | number): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function isEqual(value: FieldValue, wanted: FilterValue): boolean {
  return compares([value], '=', wanted);
}

/** The side of a value that can be compared with the wanted one. */
function sideOf(value: FieldValue, wanted: FilterValue): string | number | undefined {
  return typeof wanted === 'string' ? value.text : value.number;
}

/** SQL's LIKE: `%` stands for any text, `_` for one character; ASCII letters match in either case. Linear but for a small factor. */
function isLike(text: string, pattern: string): boolean {
  const characters = [...foldAscii(text)];
  const wanted = [...foldAscii(pattern)];
  let at = 0;
  let next = 0;
  let restartAt = -1;
  let restartNext = 0;
  while (at < characters.length) {
    if (wanted[next] === '%') {
      restartNext = next;
      restartAt = at;
      next += 1;
    } else if (next < wanted.length && (wanted[next] === '_' || wanted[next] === characters[at])) {
      at += 1;
      next += 1;
    } else if (restartAt >= 0) {
      restartAt += 1;
      at = restartAt;
      next = restartNext + 1;
    } else return false;
  }
  return wanted.slice(next).every((character) => character === '%');
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
