import { type ActionName, actionsMatching, fieldsOfAction, resourceKindOf } from './actions.ts';
import { BUILT_IN_ROLES, BUILT_IN_RULES } from './built-in-roles.ts';
import type { Limit } from './limit.ts';
import type { Grant, Policy, PolicyProblem, Role } from './policy.ts';
import { hasAttribute, MANY_VALUED } from './resource.ts';
import type { Rule } from './rule.ts';

/** Policies with nothing left to look up, or all that is wrong with them. */
export type ResolvedPolicies =
  | { readonly kind: 'resolved'; readonly rules: readonly Rule[]; readonly limits: readonly Limit[] }
  | { readonly kind: 'refused'; readonly problems: readonly PolicyProblem[] };

/**
 * Puts policies together: roles become the rules of those who have them.
 *
 * They are taken all or not at all, since a denial may stand in the very one that is wrong.
 */
export function resolvePolicies(policies: readonly Policy[]): ResolvedPolicies {
  const problems: PolicyProblem[] = [];
  const roles = collectRoles(policies, problems);
  const reporting = (policy: Policy): Report => {
    return (path, message) => void problems.push({ policy: policy.name, path, message });
  };
  const rules = policies.flatMap((policy) => [
    ...boundRules(policy, roles, reporting(policy)),
    ...ownRules(policy, reporting(policy)),
  ]);
  const limits = policies.flatMap((policy) => limitsOf(policy, reporting(policy)));
  return problems.length > 0
    ? { kind: 'refused', problems }
    : { kind: 'resolved', rules: [...BUILT_IN_RULES, ...rules], limits };
}

/** Operators that say the same of several values as of one. */
const SET_OPERATORS: ReadonlySet<string> = new Set(['in', 'notIn', 'exists']);

type Report = (path: string, message: string) => void;

/** A role's grant, with its actions by name. */
interface NamedGrant {
  readonly role: string;
  readonly actions: readonly ActionName[];
  readonly grant: Grant;
}

function collectRoles(policies: readonly Policy[], problems: PolicyProblem[]): ReadonlyMap<string, Role> {
  const roles = new Map(BUILT_IN_ROLES.map((role) => [role.name, role]));
  const own: { readonly policy: Policy; readonly role: Role; readonly path: string }[] = [];
  const seen = new Set<string>();
  for (const policy of policies) {
    if (seen.has(policy.name)) {
      problems.push({ policy: policy.name, path: 'metadata.name', message: 'is the name of another policy, too' });
    }
    seen.add(policy.name);
    for (const [index, role] of policy.roles.entries()) {
      const path = `spec.roles[${index}]`;
      if (roles.has(role.name)) {
        const message = `${role.name} is defined already: names of roles are unique over all policies, built-in roles included`;
        problems.push({ policy: policy.name, path: `${path}.name`, message });
      } else roles.set(role.name, role);
      own.push({ policy, role, path });
    }
  }
  for (const { policy, role, path } of own) {
    const report: Report = (at, message) => problems.push({ policy: policy.name, path: `${path}.${at}`, message });
    for (const [index, name] of role.extends.entries()) {
      if (!roles.has(name)) report(`extends[${index}]`, unknownRole(name, roles));
    }
    if (isCircular(role, roles)) report('extends', `${role.name} extends itself`);
    for (const [index, grant] of role.grants.entries()) actionsOf(grant, `allow[${index}]`, report);
  }
  return roles;
}

function unknownRole(name: string, roles: ReadonlyMap<string, Role>): string {
  return `there is no role ${name}: there are ${[...roles.keys()].join(', ')}`;
}

function isCircular(role: Role, roles: ReadonlyMap<string, Role>): boolean {
  const seen = new Set<string>();
  const pending = [...role.extends];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === role.name) return true;
    if (!seen.has(name)) pending.push(...(roles.get(name)?.extends ?? []));
    seen.add(name);
  }
  return false;
}

function boundRules(policy: Policy, roles: ReadonlyMap<string, Role>, report: Report): Rule[] {
  return policy.bindings.flatMap(({ role: name, subjects, namespaces, when }, index) => {
    const path = `spec.bindings[${index}]`;
    const role = roles.get(name);
    if (role === undefined) {
      report(`${path}.role`, unknownRole(name, roles));
      return [];
    }
    const within = namespaces && [{ attribute: 'namespace', operator: 'in' as const, values: namespaces }];
    return grantsOf(role, roles).map(
      ({ role: from, actions, grant }): Rule => ({
        id: `${policy.name}/bindings[${index}]: ${name}${from === name ? '' : ` (${from})`}`,
        effect: 'allow',
        subjects,
        actions,
        ...(grant.fields === undefined ? {} : { fields: grant.fields }),
        where: [...(within ?? []), ...grant.where],
        when,
      }),
    );
  });
}

/** All that a role allows, by itself and by what it extends. What is wrong with it was reported where it is defined. */
function grantsOf(role: Role, roles: ReadonlyMap<string, Role>): NamedGrant[] {
  const found = new Map<string, Role>();
  const pending = [role];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next.name)) continue;
    found.set(next.name, next);
    pending.push(...next.extends.flatMap((name) => roles.get(name) ?? []));
  }
  return [...found.values()].flatMap(({ name, grants }) =>
    grants.map((grant) => ({ role: name, actions: actionsOf(grant, '', () => {}), grant })),
  );
}

function ownRules(policy: Policy, report: Report): Rule[] {
  const names = new Set<string>();
  return policy.rules.map((rule, index): Rule => {
    const path = `spec.rules[${index}]`;
    if (names.has(rule.name)) report(`${path}.name`, `${rule.name} is the name of another rule of this policy, too`);
    names.add(rule.name);
    return {
      id: `${policy.name}/rules[${index}]: ${rule.name}`,
      effect: rule.effect,
      subjects: rule.subjects,
      actions: actionsOf(rule, path, report),
      ...(rule.fields === undefined ? {} : { fields: rule.fields }),
      where: rule.where,
      when: rule.when,
    };
  });
}

function limitsOf({ name: policy, limits = [] }: Policy, report: Report): Limit[] {
  const names = new Set<string>();
  return limits.map(({ name, ...limit }, index): Limit => {
    const path = `spec.limits[${index}]`;
    if (names.has(name)) report(`${path}.name`, `${name} is the name of another limit of this policy, too`);
    names.add(name);
    const misfit = misfitOf('deployment.infer', [], limit.where);
    if (misfit !== undefined) report(`${path}.where`, `is about deployment.infer, which ${misfit}`);
    return { id: `${policy}/limits[${index}]: ${name}`, ...limit };
  });
}

/**
 * The actions that a grant names, as far as they fit what it says beside. An action that is named itself must have every field and every
 * attribute; of those that a pattern names, the others are left out.
 */
function actionsOf({ actions, fields = [], where }: Grant, path: string, report: Report): readonly ActionName[] {
  const fitting = new Set<ActionName>();
  for (const [index, pattern] of actions.entries()) {
    const named = actionsMatching(pattern);
    const misfits = named.map((action) => ({ action, misfit: misfitOf(action, fields, where) }));
    for (const { action, misfit } of misfits) if (misfit === undefined) fitting.add(action);
    const at = `${path}.actions[${index}]`;
    if (named.length === 0) report(at, `${pattern} is no action`);
    else if (misfits.every(({ misfit }) => misfit !== undefined)) report(at, `${pattern} ${misfits[0]?.misfit}`);
  }
  return [...fitting];
}

function misfitOf(action: ActionName, fields: readonly string[], where: Grant['where']): string | undefined {
  const known = fieldsOfAction(action);
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined) {
    const hint = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    return `does not go with the field ${unknown}: ${hint}`;
  }
  const kind = resourceKindOf(action);
  const missing = where.find(({ attribute }) => !hasAttribute(kind, attribute));
  if (missing !== undefined) return `is done to a ${kind}, which has no ${missing.attribute}`;
  const vague = where.find(({ attribute, operator }) => MANY_VALUED.has(attribute) && !SET_OPERATORS.has(operator));
  return vague === undefined
    ? undefined
    : `is done to a ${kind}, which can have several values of ${vague.attribute}: name them`;
}
