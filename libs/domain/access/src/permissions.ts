import { ACTION_NAMES, type ActionName, resourceKindOf } from './actions.ts';
import { type BoundTest, bindTest, passes } from './attribute-test.ts';
import { type Environment, holds } from './environment.ts';
import type { Principal } from './principal.ts';
import { hasAttribute, type ResourceKind, resource } from './resource.ts';
import { isAbout, type Rule } from './rule.ts';
import { testInWords } from './tests-in-words.ts';

/** Something that somebody may do by one rule. */
export interface Permission {
  readonly action: ActionName;
  readonly resource: ResourceKind;
  readonly ruleId: string;
  /** The parts that it is for; absent: all of it. */
  readonly fields?: readonly string[];
  /** What must hold of the thing, in words; none: every one. */
  readonly conditions: readonly string[];
  /** Whether denials may take some of it away, which only a question about the thing itself tells. */
  readonly isNarrowed: boolean;
}

/** Who wants to know what they may do, and of what. */
export interface PermissionsRequest {
  readonly principal: Principal;
  readonly environment: Environment;
  /** Of the things in it alone; absent: of everything. */
  readonly namespace?: string;
}

/** All that somebody may do now, by action. What is denied whatever it is done to is left out. */
export function permissionsOf(rules: readonly Rule[], request: PermissionsRequest): readonly Permission[] {
  const { principal, environment } = request;
  const applying = rules.filter(
    (rule) => isAbout(rule, principal) && rule.when.every((test) => holds(test, environment, rule.effect)),
  );
  return ACTION_NAMES.flatMap((action) => permissionsFor(applying, action, request));
}

function permissionsFor(applying: readonly Rule[], action: ActionName, request: PermissionsRequest): Permission[] {
  const { scope } = request.principal;
  if (scope !== undefined && !scope.actions.includes(action)) return [];
  const about = applying.filter(({ actions }) => actions.includes(action));
  const denials = about.filter((rule) => rule.effect === 'deny' && canFit(rule, action, request));
  if (denials.some(({ where, fields }) => where.length === 0 && fields === undefined)) return [];
  const kind = resourceKindOf(action);
  const isInScope = scope?.namespaces === undefined || hasAttribute(kind, 'namespace');
  const within: readonly BoundTest[] =
    scope?.namespaces === undefined ? [] : [{ attribute: 'namespace', operator: 'in', values: scope.namespaces }];
  return about
    .filter((rule) => rule.effect === 'allow' && isInScope && canFit(rule, action, request))
    .map((rule) => ({
      action,
      resource: kind,
      ruleId: rule.id,
      ...(rule.fields === undefined ? {} : { fields: rule.fields }),
      conditions: [...boundTests(rule, request), ...within].map(testInWords),
      isNarrowed: denials.length > 0,
    }));
}

/** Whether there can be a thing of the namespace that a rule fits. */
function canFit(rule: Rule, action: ActionName, request: PermissionsRequest): boolean {
  const kind = resourceKindOf(action);
  const { namespace, principal } = request;
  if (namespace !== undefined && !hasAttribute(kind, 'namespace')) return false;
  if (namespace !== undefined && principal.scope?.namespaces?.includes(namespace) === false) return false;
  const place = resource(kind, { namespace });
  return boundTests(rule, request).every((test) => {
    if (test.operator === 'never') return false;
    // What a thing of the kind cannot have is missing from all of them.
    const isKnown = !hasAttribute(kind, test.attribute) || (test.attribute === 'namespace' && namespace !== undefined);
    return !isKnown || passes(place, test, rule.effect);
  });
}

function boundTests({ where, effect }: Rule, { principal }: PermissionsRequest): readonly BoundTest[] {
  return where.map((test) => bindTest(test, principal, effect)).filter(({ operator }) => operator !== 'always');
}
