import type { ActionName, Principal, Resource, Rule } from '#domain/access';
import type { FilterExpression } from '#domain/registry';

/** Where a request comes from. */
export interface Circumstances {
  /** Since the epoch. */
  readonly nowMs: number;
  /** The client's, as the server or a trusted proxy saw it; `undefined` when it is not known. */
  readonly address: string | undefined;
}

/** An answer to "may they?". */
export interface AccessDecision {
  readonly isAllowed: boolean;
  /** The rule that decided; absent: none allowed it. */
  readonly ruleId?: string;
}

/** Which of the resources of a list may be seen. */
export type ListFilter =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly filter: FilterExpression };

/** What one principal may do under some circumstances. */
export interface Ability {
  /** @param field a part of the action; without one, whether it can be done at all. */
  decide(action: ActionName, resource: Resource, field?: string): AccessDecision;

  /**
   * The resources for which `decide` allows an action, in the words of the registry's filters.
   *
   * @param action one that is done to models or versions; of other things only `all` and `none` can be used, for want of such filters.
   * @param fields parts of it that must be allowed as well: those that a query filters or sorts by.
   */
  filterFor(action: ActionName, fields?: readonly string[]): ListFilter;
}

/** Policies that can be asked. Immutable: other policies are another one. */
export interface CompiledPolicies {
  /** What a principal may do now. Compiled once for a principal object, and kept as long as that is. */
  abilityOf(principal: Principal, circumstances: Circumstances): Ability;
}

/** Makes rules ready to be asked. */
export type CompilePolicies = (rules: readonly Rule[]) => CompiledPolicies;
