import type { ActionName } from './actions.ts';
import { type BoundTest, bindTest, passes } from './attribute-test.ts';
import { type Environment, holds } from './environment.ts';
import type { KeyScope, Principal } from './principal.ts';
import type { Resource } from './resource.ts';
import { isAbout, type Rule } from './rule.ts';

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

/** An answer with all that led to it. */
export interface Judgement {
  readonly isAllowed: boolean;
  /** The rule that decided; absent: none allowed it. */
  readonly rule?: Rule;
  /** Allowing rules about the action that did not fit, those that came nearest first. */
  readonly misses: readonly Miss[];
}

/**
 * Answers a question by going through all rules: what the compiled policies answer, slowly and with reasons.
 *
 * A denying rule that fits decides, then an allowing one; without either the answer is no. A rule about fields allows the action as a whole,
 * and denies nothing but its fields.
 */
export function judge(rules: readonly Rule[], request: AccessRequest): Judgement {
  const about = rules.filter(({ actions }) => actions.includes(request.action));
  const tried = about.map((rule) => ({ rule, miss: missOf(rule, request) }));
  const allowing = tried.filter(({ rule }) => rule.effect === 'allow');
  const misses = allowing.flatMap(({ miss }) => miss ?? []).sort((left, right) => nearness(right) - nearness(left));
  const denial = tried.find(({ rule, miss }) => rule.effect === 'deny' && miss === undefined);
  if (denial !== undefined) return { isAllowed: false, rule: denial.rule, misses };
  const permission = allowing.find(({ miss }) => miss === undefined);
  if (permission === undefined) return { isAllowed: false, misses };
  const { principal, action, resource } = request;
  const outside = outsideOfScope(principal.scope, action, resource);
  if (outside === undefined) return { isAllowed: true, rule: permission.rule, misses: [] };
  return { isAllowed: false, misses: [{ rule: permission.rule, reason: 'scope', message: outside }, ...misses] };
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
  if (unmet !== undefined) return miss('where', testInWords(bindTest(unmet, principal, effect), resource));
  const circumstance = rule.when.find((test) => !holds(test, environment, effect));
  if (circumstance !== undefined) return miss('when', `its condition on the ${circumstance.kind} does not hold`);
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

function testInWords(test: BoundTest, { attributes }: Resource): string {
  const value = attributes.get(test.attribute);
  const found = value === undefined ? 'it has none' : `it is ${String(value)}`;
  return `wants ${test.attribute} ${wish(test)}, and ${found}`;
}

function wish(test: BoundTest): string {
  switch (test.operator) {
    case 'in':
      return `to be ${test.values.join(' or ')}`;
    case 'notIn':
      return `not to be ${test.values.join(' or ')}`;
    case 'startsWith':
      return `to start with ${test.prefix}`;
    case 'atLeast':
      return `to be at least ${test.bound}`;
    case 'atMost':
      return `to be at most ${test.bound}`;
    case 'never':
      return 'to be what the principal does not have';
    case 'always':
      return 'to be anything';
    case 'exists':
      return test.isWanted ? 'to be there' : 'not to be there';
  }
}
