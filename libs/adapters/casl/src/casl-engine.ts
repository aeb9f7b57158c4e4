import { Ability as CaslAbility, type RawRuleOf } from '@casl/ability';
import {
  type ActionName,
  type BoundTest,
  bindTest,
  type Effect,
  type Principal,
  passes,
  type Resource,
  type ResourceKind,
  type Rule,
  resourceKindOf,
} from '#domain/access';

/** What a CASL rule asks of a resource. */
export interface Conditions {
  readonly effect: Effect;
  /** All must hold. */
  readonly tests: readonly BoundTest[];
}

/** CASL's engine over our actions, resources and tests: it sorts, indexes and chooses rules. None of its own query language is used. */
export type Engine = CaslAbility<Abilities, Conditions>;
type Abilities = [ActionName, ResourceKind | Resource];

/** The rules that hold for a principal, as CASL takes them. */
export function engineFor(rules: readonly Rule[], principal: Principal): Engine {
  // The last rule that fits decides: denials must come behind every permission.
  const allowing = rules.filter(({ effect }) => effect === 'allow');
  const denying = rules.filter(({ effect }) => effect === 'deny');
  return new CaslAbility<Abilities, Conditions>(
    [...allowing, ...denying].flatMap((rule) => toCasl(rule, principal)),
    {
      conditionsMatcher:
        ({ tests, effect }: Conditions) =>
        (resource: object) =>
          tests.every((test) => passes(resource as Resource, test, effect)),
      fieldMatcher: (fields) => (field) => fields.includes(field),
      detectSubjectType: (resource) => (resource as Resource).kind,
    },
  );
}

/** One CASL rule per kind of resource that the actions of a rule are done to; none when it can fit nothing. */
function toCasl({ id, effect, actions, fields, where }: Rule, principal: Principal): RawRuleOf<Engine>[] {
  const tests = where.map((test) => bindTest(test, principal, effect)).filter(({ operator }) => operator !== 'always');
  if (tests.some(({ operator }) => operator === 'never')) return [];
  const byKind = Map.groupBy(actions, resourceKindOf);
  return [...byKind].map(([kind, ofKind]) => ({
    action: ofKind,
    subject: kind,
    inverted: effect === 'deny',
    reason: id,
    ...(fields === undefined ? {} : { fields: [...fields] }),
    ...(tests.length === 0 ? {} : { conditions: { effect, tests } }),
  }));
}
