import { type ActionName, type Principal, principalInWords, type Resource, resourceInWords } from '#domain/access';
import { DomainError } from '#domain/errors';
import type { Ability, Circumstances, ListFilter } from './ability.ts';
import type { Decision } from './decision.ts';
import type { Repeats } from './standing-refusals.ts';

/** Something that somebody was not allowed to do. */
export interface Denial {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource: Resource;
  readonly field: string | undefined;
  /** The rule that denied it; absent: none allowed it. */
  readonly ruleId: string | undefined;
  /** Of a denial that was told of before: how often it came again since then. */
  readonly repeats?: Repeats;
}

/** What is known of a caller's request, and who is told of what is decided on it. */
export interface CallerParts {
  readonly circumstances: Circumstances;
  readonly onDenied: (denial: Denial) => void;
  /** Told of what is asked of the policies; absent: nobody is. */
  readonly onDecision?: ((decision: Decision) => void) | undefined;
}

/** Who sends a request, and what they may do now. */
export class Caller {
  readonly principal: Principal;
  readonly #ability: Ability;
  readonly #parts: CallerParts;

  constructor(principal: Principal, ability: Ability, parts: CallerParts) {
    this.principal = principal;
    this.#ability = ability;
    this.#parts = parts;
  }

  /** The same as long as the same policies say the same of the same principal: what is found by it can be remembered by it. */
  get ability(): Ability {
    return this.#ability;
  }

  get circumstances(): Circumstances {
    return this.#parts.circumstances;
  }

  /** The same of whom nothing is written down: for questions about what somebody else did. */
  unrecorded(): Caller {
    const { circumstances, onDenied } = this.#parts;
    return new Caller(this.principal, this.#ability, { circumstances, onDenied });
  }

  /** Whether something can be done, for what is shown or left out. Nobody is told of a no. */
  may(action: ActionName, resource: Resource, field?: string): boolean {
    this.#tell(action, resource, field, false);
    return this.#ability.decide(action, resource, field).isAllowed;
  }

  /**
   * Lets pass who may do something.
   *
   * @throws ACCESS_DENIED naming who, what, and the rule that denies it; UNAUTHENTICATED to whoever has not said who they are
   */
  require(action: ActionName, resource: Resource, field?: string): void {
    const refusal = this.#refusalOf(action, resource, field);
    if (refusal !== undefined) throw refusal;
  }

  /**
   * Lets pass who may do something with a thing that others may know nothing of. Whoever has not said who they are is asked for that, whether
   * it is there or not.
   *
   * @param shownBy actions that show that it is there.
   * @param hide makes the error for who may do none of them: that of a thing that is not there.
   * @throws ACCESS_DENIED, UNAUTHENTICATED, or what `hide` makes
   */
  requireOrHide(action: ActionName, resource: Resource, shownBy: readonly ActionName[], hide: () => Error): void {
    const refusal = this.#refusalOf(action, resource, undefined);
    if (refusal === undefined) return;
    const isTold = this.principal.kind === 'anonymous' || shownBy.some((showing) => this.may(showing, resource));
    throw isTold ? refusal : hide();
  }

  /**
   * Lets pass who may change some fields of a thing, as it is and as it would be: whoever could make a thing theirs by a change could do
   * whatever its owner may.
   *
   * @throws ACCESS_DENIED, UNAUTHENTICATED
   */
  requireChange(action: ActionName, before: Resource, after: Resource, fields: readonly string[]): void {
    for (const resource of [before, after]) {
      this.require(action, resource);
      for (const field of fields) this.require(action, resource, field);
    }
  }

  /** Which resources of a list may be seen; see {@link Ability.filterFor}. */
  filterFor(action: ActionName, fields?: readonly string[]): ListFilter {
    this.#tell(action, undefined, undefined, false);
    return this.#ability.filterFor(action, fields);
  }

  /** Why somebody may not do something, of which it tells; `undefined` when they may. */
  #refusalOf(action: ActionName, resource: Resource, field: string | undefined): DomainError | undefined {
    this.#tell(action, resource, field, true);
    const { isAllowed, ruleId } = this.#ability.decide(action, resource, field);
    if (isAllowed) return undefined;
    const { principal } = this;
    const denial: Denial = { principal, action, resource, field, ruleId };
    this.#parts.onDenied(denial);
    return principal.kind === 'anonymous' ? unknownTo(action) : denied(denial);
  }

  #tell(action: ActionName, resource: Resource | undefined, field: string | undefined, isRequired: boolean): void {
    const { onDecision, circumstances } = this.#parts;
    onDecision?.({ principal: this.principal, circumstances, action, resource, field, isRequired });
  }
}

function unknownTo(action: ActionName): DomainError {
  return new DomainError('UNAUTHENTICATED', `${action} is not for everybody: show an API key or a token`, { action });
}

function denied({ principal, action, resource, field, ruleId }: Denial): DomainError {
  const who = principalInWords(principal);
  const what = field === undefined ? action : `${action} ${field}`;
  const why = ruleId === undefined ? 'no policy allows it' : `${ruleId} denies it`;
  return new DomainError('ACCESS_DENIED', `${who} may not ${what} on ${resourceInWords(resource)}: ${why}`, { action });
}
