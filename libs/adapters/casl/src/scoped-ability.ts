import type { Ability, AccessDecision, ListFilter } from '#application/access';
import { type ActionName, outsideOfScope, type Principal, type Resource, resourceKindOf } from '#domain/access';
import type { Engine } from './casl-engine.ts';
import { listFilterOf, withinNamespaces } from './list-filter.ts';

/** A principal's ability: CASL's answer, within what the principal's key is for. */
export class ScopedAbility implements Ability {
  readonly #engine: Engine;
  readonly #principal: Principal;

  constructor(engine: Engine, principal: Principal) {
    this.#engine = engine;
    this.#principal = principal;
  }

  decide(action: ActionName, resource: Resource, field?: string): AccessDecision {
    // CASL would answer for whatever else has rules, and what is asked for the wrong kind of thing is a fault of ours.
    if (resource.kind !== resourceKindOf(action)) return { isAllowed: false };
    if (outsideOfScope(this.#principal.scope, action, resource) !== undefined) return { isAllowed: false };
    const rule = this.#engine.relevantRuleFor(action, resource, field);
    if (rule?.reason === undefined) return { isAllowed: false };
    return { isAllowed: !rule.inverted, ruleId: rule.reason };
  }

  filterFor(action: ActionName, fields: readonly string[] = []): ListFilter {
    const { scope } = this.#principal;
    if (scope !== undefined && !scope.actions.includes(action)) return { kind: 'none' };
    const filter = listFilterOf(this.#engine, action, [undefined, ...fields]);
    return scope?.namespaces === undefined ? filter : withinNamespaces(filter, scope.namespaces);
  }
}
