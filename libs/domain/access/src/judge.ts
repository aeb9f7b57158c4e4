import type { ActionName } from './actions.ts';
import { bindTest, passes } from './attribute-test.ts';
import { type Environment, holds } from './environment.ts';
import type { KeyScope, Principal } from './principal.ts';
import type { Resource } from './resource.ts';
import { isAbout, type Rule } from './rule.ts';
import { circumstanceInWords, failureInWords } from './tests-in-words.ts';

/** A question that policies answer. */
export interface AccessRequest {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource: Resource;
  /** A part of the action; absent: whether it can be done at all. */
  readonly field?: string;
  readonly environment: Environment;
}

/** Why a rule about an action did not fit. */
export interface Miss {
  readonly rule: Rule;
  readonly reason: 'subject' | 'field' | 'where' | 'when' | 'scope';
  /** In words. */
  readonly message: string;
}

/** A rule about an action, as a request has tried it. */
export interface Trial {
  readonly rule: Rule;
  /** Absent: it fits. */
  readonly miss?: Miss;
}

/** An answer with all that led to it. */
export interface Judgement {
  readonly isAllowed: boolean;
  /** The rule that decided; absent: none allowed it. */
  readonly rule?: Rule;
  /** Allowing rules about the action that did not fit, those that came nearest first. */
  readonly misses: readonly Miss[];
  /** Every rule about the action, in the order of the policies. */
  readonly trials: readonly Trial[];
}

/**
 * Answers a question by going through all rules: what the compiled policies answer, slowly and with reasons.
 *
 * A denying rule that fits decides, then an allowing one; without either the answer is no. A rule about fields allows the action as a whole,
 * and denies nothing but its fields.
 */
export function judge(rules: readonly Rule[], request: AccessRequest): Judgement {
  const about = rules.filter(({ actions }) => actions.includes(request.action));
  const trials = about.map((rule) => trialOf(rule, request));
  const allowing = trials.filter(({ rule }) => rule.effect === 'allow');
  const misses = allowing.flatMap(({ miss }) => miss ?? []).sort((left, right) => nearness(right) - nearness(left));
  const denial = trials.find(({ rule, miss }) => rule.effect === 'deny' && miss === undefined);
  if (denial !== undefined) return { isAllowed: false, rule: denial.rule, misses, trials };
  const permission = allowing.find(({ miss }) => miss === undefined);
  if (permission === undefined) return { isAllowed: false, misses, trials };
  const { principal, action, resource } = request;
  const outside = outsideOfScope(principal.scope, action, resource);
  if (outside === undefined) return { isAllowed: true, rule: permission.rule, misses: [], trials };
  const beyondKey: Miss = { rule: permission.rule, reason: 'scope', message: outside };
  return { isAllowed: false, misses: [beyondKey, ...misses], trials };
}

function trialOf(rule: Rule, request: AccessRequest): Trial {
  const miss = missOf(rule, request);
  return miss === undefined ? { rule } : { rule, miss };
}

/** What an API key does not reach; `undefined` when there is no key, or it does. */
export function outsideOfScope(
  scope: KeyScope | undefined,
  action: ActionName,
  { attributes }: Resource,
): string | undefined {
  if (scope === undefined) return undefined;
  if (!scope.actions.includes(action)) return `the API key is not for ${action}`;
  if (scope.namespaces === undefined) return undefined;
  const namespace = attributes.get('namespace');
  if (typeof namespace === 'string' && scope.namespaces.includes(namespace)) return undefined;
  return `the API key is only for ${scope.namespaces.join(', ')}`;
}

function missOf(rule: Rule, { principal, resource, field, environment }: AccessRequest): Miss | undefined {
  const { effect } = rule;
  const miss = (reason: Miss['reason'], message: string): Miss => ({ rule, reason, message });
  if (!isAbout(rule, principal)) return miss('subject', `is about ${subjectsInWords(rule)}`);
  const unmet = rule.where.find((test) => !passes(resource, bindTest(test, principal, effect), effect));
  if (unmet !== undefined) return miss('where', failureInWords(bindTest(unmet, principal, effect), resource));
  const circumstance = rule.when.find((test) => !holds(test, environment, effect));
  if (circumstance !== undefined) return miss('when', circumstanceInWords(circumstance, environment));
  if (field === undefined) {
    const isWhole = rule.fields === undefined || effect === 'allow';
    return isWhole ? undefined : miss('field', `is about ${rule.fields?.join(', ')} alone`);
  }
  const isCovered = rule.fields === undefined || rule.fields.includes(field);
  return isCovered ? undefined : miss('field', `is about ${rule.fields?.join(', ')} alone`);
}

const REASONS: readonly Miss['reason'][] = ['subject', 'where', 'when', 'field', 'scope'];

function nearness({ reason }: Miss): number {
  return REASONS.indexOf(reason);
}

function subjectsInWords({ subjects }: Rule): string {
  return subjects.map((subject) => ('name' in subject ? `${subject.kind} ${subject.name}` : subject.kind)).join(', ');
}
