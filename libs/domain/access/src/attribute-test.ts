import { type Principal, principalValues } from './principal.ts';
import type { AttributeValue, Resource } from './resource.ts';

/** What rules do with those whom they fit. */
export type Effect = 'allow' | 'deny';

/** A value that an attribute is compared with, or where the principal has it: `id`, `groups`, `attributes.<name>`. */
export type Comparand = string | number | { readonly principal: string };

type Test<Value> =
  | { readonly attribute: string; readonly operator: 'in' | 'notIn'; readonly values: readonly Value[] }
  | { readonly attribute: string; readonly operator: 'startsWith'; readonly prefix: string }
  | { readonly attribute: string; readonly operator: 'atLeast' | 'atMost'; readonly bound: number }
  | { readonly attribute: string; readonly operator: 'exists'; readonly isWanted: boolean };

/** A test of one attribute of a resource. */
export type AttributeTest = Test<Comparand>;

/** A test with the principal's values filled in. `never` and `always` are what is left where the principal lacks them. */
export type BoundTest = Test<string | number> | { readonly attribute: string; readonly operator: 'never' | 'always' };

/**
 * Fills a principal's values in.
 *
 * What is missing never helps the one who asks: where the principal has no such value, an allowing rule's test fails; a denying rule's
 * `notIn` holds, and its other tests fail.
 */
export function bindTest(test: AttributeTest, principal: Principal, effect: Effect): BoundTest {
  if (!('values' in test)) return test;
  const { attribute, operator } = test;
  const values: (string | number)[] = [];
  let isMissing = false;
  for (const comparand of test.values) {
    if (typeof comparand !== 'object') values.push(comparand);
    else {
      const found = principalValues(principal, comparand.principal);
      isMissing ||= found.length === 0;
      values.push(...found);
    }
  }
  if (operator === 'in')
    return values.length === 0 ? { attribute, operator: 'never' } : { attribute, operator, values };
  if (isMissing && effect === 'allow') return { attribute, operator: 'never' };
  return values.length === 0 ? { attribute, operator: 'always' } : { attribute, operator, values };
}

/**
 * Whether a resource passes a test.
 *
 * An attribute with several values passes `in` and `startsWith` with one of them, and `notIn` when none of them is named. What is missing
 * never helps the one who asks: without the attribute only `exists: false` holds, and in denying rules `notIn`.
 */
export function passes({ attributes }: Resource, test: BoundTest, effect: Effect): boolean {
  if (test.operator === 'never') return false;
  if (test.operator === 'always') return true;
  const value = attributes.get(test.attribute);
  if (test.operator === 'exists') return isPresent(value) === test.isWanted;
  if (value === undefined || !isPresent(value)) return test.operator === 'notIn' && effect === 'deny';
  switch (test.operator) {
    case 'in':
      return hasOneOf(value, test.values);
    case 'notIn':
      return !hasOneOf(value, test.values);
    case 'startsWith':
      return (typeof value === 'object' ? value : [value]).some(
        (one) => typeof one === 'string' && one.startsWith(test.prefix),
      );
    case 'atLeast':
      return typeof value === 'number' && value >= test.bound;
    case 'atMost':
      return typeof value === 'number' && value <= test.bound;
  }
}

function isPresent(value: AttributeValue | undefined): boolean {
  return value !== undefined && (typeof value !== 'object' || value.length > 0);
}

function hasOneOf(value: AttributeValue, wanted: readonly (string | number)[]): boolean {
  return typeof value === 'object' ? value.some((one) => wanted.includes(one)) : wanted.includes(value);
}
