import { type ActionName, type Principal, type Resource, resourceInWords } from '#domain/access';
import { DomainError } from '#domain/errors';
import type { Ability, ListFilter } from './ability.ts';

/** Something that somebody was not allowed to do. */
export interface Denial {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource: Resource;
  readonly field: string | undefined;
  /** The rule that denied it; absent: none allowed it. */
  readonly ruleId: string | undefined;
}

/** Who sends a request, and what they may do now. */
export class Caller {
  readonly principal: Principal;
  readonly #ability: Ability;
  readonly #onDenied: (denial: Denial) => void;

  constructor(principal: Principal, ability: Ability, onDenied: (denial: Denial) => void) {
    this.principal = principal;
    this.#ability = ability;
    this.#onDenied = onDenied;
  }

  /** Whether something can be done, for what is shown or left out. Nobody is told of a no. */
  may(action: ActionName, resource: Resource, field?: string): boolean {
    return this.#ability.decide(action, resource, field).isAllowed;
  }

  /** Lets pass who may do something. @throws ACCESS_DENIED naming who, what, and the rule that denies it. */
  require(action: ActionName, resource: Resource, field?: string): void {
    const { isAllowed, ruleId } = this.#ability.decide(action, resource, field);
    if (isAllowed) return;
    this.#onDenied({ principal: this.principal, action, resource, field, ruleId });
    throw denied(this.principal, action, resource, field, ruleId);
  }

  /**
   * Lets pass who may do something with a thing that others may know nothing of.
   *
   * @param shownBy actions that show that it is there.
   * @param hide makes the error for who may do none of them: that of a thing that is not there.
   * @throws ACCESS_DENIED, or what `hide` makes
   */
  requireOrHide(action: ActionName, resource: Resource, shownBy: readonly ActionName[], hide: () => Error): void {
    const { isAllowed, ruleId } = this.#ability.decide(action, resource);
    if (isAllowed) return;
    this.#onDenied({ principal: this.principal, action, resource, field: undefined, ruleId });
    const isShown = shownBy.some((showing) => this.may(showing, resource));
    throw isShown ? denied(this.principal, action, resource, undefined, ruleId) : hide();
  }

  /**
   * Lets pass who may change some fields of a thing, as it is and as it would be: whoever could make a thing theirs by a change could do
   * whatever its owner may.
   *
   * @throws ACCESS_DENIED
   */
  requireChange(action: ActionName, before: Resource, after: Resource, fields: readonly string[]): void {
    for (const resource of [before, after]) {
      this.require(action, resource);
      for (const field of fields) this.require(action, resource, field);
    }
  }

  /** Which resources of a list may be seen; see {@link Ability.filterFor}. */
  filterFor(action: ActionName, fields?: readonly string[]): ListFilter {
    return this.#ability.filterFor(action, fields);
  }
}

function denied(
  { kind, id }: Principal,
  action: ActionName,
  resource: Resource,
  field: string | undefined,
  ruleId: string | undefined,
): DomainError {
  const who = kind === 'anonymous' ? 'whoever does not say who they are' : `${kind} ${id}`;
  const what = field === undefined ? action : `${action} ${field}`;
  const why = ruleId === undefined ? 'no policy allows it' : `${ruleId} denies it`;
  return new DomainError('ACCESS_DENIED', `${who} may not ${what} on ${resourceInWords(resource)}: ${why}`, { action });
}
