import {
  type ActionName,
  type Environment,
  isAbout,
  judge,
  type Permission,
  type Principal,
  permissionsOf,
  principalInWords,
  type Resource,
  type Rule,
  resourceInWords,
  seenFirst,
  type Trial,
} from '#domain/access';
import type { Circumstances } from './ability.ts';
import { ADMINISTRATOR_RULE, isAdministrator } from './administrator.ts';
import type { PoliciesInForce } from './policies-in-force.ts';

/** May somebody do something? */
export interface AccessQuestion {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource: Resource;
  readonly field?: string;
  readonly circumstances: Circumstances;
}

/** Whether, and why. */
export interface AccessAnswer {
  readonly isAllowed: boolean;
  /** What was decided on: the action, or that the thing can be seen, without which nothing is done to it. */
  readonly decided: ActionName;
  /** The rule that decided; absent: none allowed it. */
  readonly rule?: Rule;
  /** What the API key does not reach although a rule allows it. */
  readonly beyondKey?: string;
  /** Rules about the principal and the action: those that fit first, then those that came near. */
  readonly trials: readonly Trial[];
}

/** Whether an address is in a network such as `10.0.0.0/8`; `undefined` for what is no address. */
export type IsInNetwork = (network: string, address: string) => boolean | undefined;

/** Answers what somebody may do, with the reasons, as the operations themselves would. */
export class ExplainAccess {
  readonly #policies: Pick<PoliciesInForce, 'rules'>;
  readonly #isInNetwork: IsInNetwork;

  constructor(policies: Pick<PoliciesInForce, 'rules'>, isInNetwork: IsInNetwork) {
    this.#policies = policies;
    this.#isInNetwork = isInNetwork;
  }

  /**
   * Answers a question.
   *
   * @param isFull whether denials are told of that do not fit: of those nobody learns by doing.
   */
  answer(question: AccessQuestion, isFull: boolean): AccessAnswer {
    const first = seenFirst(question.action);
    if (first !== undefined) {
      const { field: _, ...whole } = question;
      const seen = this.#decide({ ...whole, action: first }, isFull);
      if (!seen.isAllowed) return seen;
    }
    // A part is changed with the whole.
    const { field, ...whole } = question;
    const answer = this.#decide(whole, isFull);
    return field === undefined || !answer.isAllowed ? answer : this.#decide(question, isFull);
  }

  /** All that somebody may do now. @param namespace of the things in it alone. */
  permissions(principal: Principal, circumstances: Circumstances, namespace?: string): readonly Permission[] {
    const environment = this.#environment(principal, circumstances);
    const within = namespace === undefined ? {} : { namespace };
    return permissionsOf(this.#rulesFor(principal), { principal, environment, ...within });
  }

  #decide({ circumstances, ...question }: AccessQuestion, isFull: boolean): AccessAnswer {
    const { principal, action } = question;
    const environment = this.#environment(principal, circumstances);
    const { isAllowed, rule, misses, trials } = judge(this.#rulesFor(principal), { ...question, environment });
    const beyondKey = misses.find(({ reason }) => reason === 'scope')?.message;
    const told = trials.filter(
      ({ rule: tried, miss }) =>
        isAbout(tried, principal) && (isFull || tried.effect === 'allow' || miss === undefined),
    );
    return {
      isAllowed,
      decided: action,
      ...(rule === undefined ? {} : { rule }),
      ...(beyondKey === undefined ? {} : { beyondKey }),
      trials: told.toSorted((left, right) => Number(left.miss !== undefined) - Number(right.miss !== undefined)),
    };
  }

  #environment({ credential }: Principal, { nowMs, address }: Circumstances): Environment {
    const isFrom = (network: string) => (address === undefined ? undefined : this.#isInNetwork(network, address));
    return { nowMs, credential, isFrom };
  }

  #rulesFor(principal: Principal): readonly Rule[] {
    return isAdministrator(principal) ? [ADMINISTRATOR_RULE] : this.#policies.rules;
  }
}

/** An answer as a sentence. */
export function answerInWords({ principal, action, field, resource }: AccessQuestion, answer: AccessAnswer): string {
  const { isAllowed, decided, rule, beyondKey } = answer;
  const [who, what] = [principalInWords(principal), resourceInWords(resource)];
  const why = beyondKey ?? whyOf(isAllowed, rule);
  const asked = field === undefined ? action : `${action} ${field}`;
  if (decided === action) return `${who} ${isAllowed ? 'may' : 'may not'} ${asked} on ${what}: ${why}`;
  return `${who} may not ${asked} on ${what}, because to whoever may not ${decided} it is not there: ${why}`;
}

function whyOf(isAllowed: boolean, rule: Rule | undefined): string {
  if (rule === undefined) return 'no policy allows it';
  return `${rule.id} ${isAllowed ? 'allows' : 'denies'} it`;
}
