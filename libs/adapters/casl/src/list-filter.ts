import type { RuleOf } from '@casl/ability';
import { rulesToCondition } from '@casl/ability/extra';
import type { ListFilter } from '#application/access';
import { type ActionName, type BoundTest, type ResourceKind, resourceKindOf } from '#domain/access';
import type { FilterExpression } from '#domain/registry';
import type { Conditions, Engine } from './casl-engine.ts';

const ALL: ListFilter = { kind: 'all' };
const NONE: ListFilter = { kind: 'none' };

/**
 * The resources for which an action is allowed, in the words of the registry's filters.
 *
 * @param fields each of which must be allowed; `undefined` stands for the action as a whole.
 */
export function listFilterOf(engine: Engine, action: ActionName, fields: readonly (string | undefined)[]): ListFilter {
  return fields.map((field) => filterOfField(engine, action, field)).reduce(both, ALL);
}

/** A filter, within some namespaces alone. */
export function withinNamespaces(filter: ListFilter, namespaces: readonly string[]): ListFilter {
  if (namespaces.length === 0) return NONE;
  return both(filter, { kind: 'some', filter: { kind: 'in', field: 'namespace', values: namespaces } });
}

function filterOfField(engine: Engine, action: ActionName, field: string | undefined): ListFilter {
  const kind = resourceKindOf(action);
  const filter = rulesToCondition<Engine, FilterExpression, FilterExpression>(
    engine.rulesFor(action, kind, field),
    (rule) => (rule.inverted ? { kind: 'not', term: conditionOf(rule, kind) } : conditionOf(rule, kind)),
    { and: (terms) => compound('and', terms), or: anyOf, empty: () => ({ kind: 'and', terms: [] }) },
  );
  if (filter === null) return NONE;
  return filter.kind === 'and' && filter.terms.length === 0 ? ALL : { kind: 'some', filter };
}

function both(left: ListFilter, right: ListFilter): ListFilter {
  if (left.kind === 'none' || right.kind === 'none') return NONE;
  if (left.kind === 'all') return right;
  if (right.kind === 'all') return left;
  return { kind: 'some', filter: compound('and', [left.filter, right.filter]) };
}

function conditionOf({ conditions }: RuleOf<Engine>, kind: ResourceKind): FilterExpression {
  const { effect = 'allow', tests = [] } = conditions ?? {};
  return compound(
    'and',
    tests.map((test) => testOf(test, effect, kind)),
  );
}

/** A test as `passes` of the domain understands it; a property test holds the two together. */
function testOf(test: BoundTest, effect: Conditions['effect'], kind: ResourceKind): FilterExpression {
  const field = kind === 'model' && test.attribute === 'model' ? 'name' : test.attribute;
  const exists: FilterExpression = { kind: 'exists', field };
  switch (test.operator) {
    case 'always':
      return { kind: 'and', terms: [] };
    case 'never':
      return not({ kind: 'and', terms: [] });
    case 'in':
      return { kind: 'in', field, values: test.values };
    case 'notIn': {
      const isOther = not({ kind: 'in', field, values: test.values });
      return effect === 'deny' ? isOther : compound('and', [exists, isOther]);
    }
    case 'startsWith':
      return compound('and', [
        { kind: 'compare', field, operator: '>=', value: test.prefix },
        { kind: 'compare', field, operator: '<', value: textAfter(test.prefix) },
      ]);
    case 'atLeast':
      return { kind: 'compare', field, operator: '>=', value: test.bound };
    case 'atMost':
      return { kind: 'compare', field, operator: '<=', value: test.bound };
    case 'exists':
      return test.isWanted ? exists : not(exists);
  }
}

/** The first text behind all that start with a prefix. Prefixes are ASCII, of which every order of texts thinks alike. */
function textAfter(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/** Alternatives, with those that want one field to be one of some values put together: a principal may have hundreds of bindings. */
function anyOf(terms: readonly FilterExpression[]): FilterExpression {
  const wanted = new Map<string, Set<string | number | boolean>>();
  const others: FilterExpression[] = [];
  for (const term of terms) {
    if (term.kind !== 'in') others.push(term);
    else wanted.set(term.field, new Set([...(wanted.get(term.field) ?? []), ...term.values]));
  }
  const merged = [...wanted].map(([field, values]): FilterExpression => ({ kind: 'in', field, values: [...values] }));
  return compound('or', [...merged, ...others]);
}

function compound(kind: 'and' | 'or', terms: readonly FilterExpression[]): FilterExpression {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { kind, terms };
}

function not(term: FilterExpression): FilterExpression {
  return { kind: 'not', term };
}
