import {
  type ActionName,
  type AttributeTest,
  BUILT_IN_ROLES,
  type EnvironmentTest,
  type Grant,
  type Policy,
  type Principal,
  RESOURCE_ATTRIBUTES,
  type Resource,
  type RuleSubject,
} from '#domain/access';

/** Who asks what, under which circumstances. */
export interface NaiveQuestion {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource: Resource;
  readonly field: string | undefined;
  readonly nowMs: number;
  readonly address: string | undefined;
}

/**
 * What a policy allows, straight from what the guide says, and by no means from how the libraries do it: for tests to compare with.
 */
export function naivelyAllowed(policy: Policy, question: NaiveQuestion): boolean {
  const { principal, action, resource, field } = question;
  if (principal.scope !== undefined) {
    if (!principal.scope.actions.includes(action)) return false;
    const within = principal.scope.namespaces;
    if (within !== undefined && !within.includes(String(resource.attributes.get('namespace')))) return false;
  }
  const isDenied = policy.rules.some(
    (rule) =>
      rule.effect === 'deny' &&
      isAddressed(rule.subjects, principal) &&
      fits(rule, question, 'deny') &&
      rule.when.every((test) => isGiven(test, question, 'deny')) &&
      (rule.fields === undefined || (field !== undefined && rule.fields.includes(field))),
  );
  if (isDenied) return false;
  const isOpen = (grant: Grant) =>
    fits(grant, question, 'allow') &&
    (grant.fields === undefined || field === undefined || grant.fields.includes(field));
  for (const rule of policy.rules) {
    if (rule.effect !== 'allow' || !isAddressed(rule.subjects, principal)) continue;
    if (rule.when.every((test) => isGiven(test, question, 'allow')) && isOpen(rule)) return true;
  }
  for (const binding of policy.bindings) {
    if (!isAddressed(binding.subjects, principal)) continue;
    if (!binding.when.every((test) => isGiven(test, question, 'allow'))) continue;
    const namespace = resource.attributes.get('namespace');
    if (binding.namespaces !== undefined && !binding.namespaces.some((one) => one === namespace)) continue;
    if (grantsOf(policy, binding.role).some(isOpen)) return true;
  }
  return action === 'key.create' && principal.kind !== 'anonymous';
}

function grantsOf(policy: Policy, roleName: string): readonly Grant[] {
  const role = [...BUILT_IN_ROLES, ...policy.roles].find(({ name }) => name === roleName);
  if (role === undefined) return [];
  return [...role.grants, ...role.extends.flatMap((name) => grantsOf(policy, name))];
}

function isAddressed(subjects: readonly RuleSubject[], { kind, id, groups }: Principal): boolean {
  for (const subject of subjects) {
    if (subject.kind === 'everyone') return true;
    if (subject.kind === 'authenticated' && kind !== 'anonymous') return true;
    if (subject.kind === 'group' && groups.includes(subject.name)) return true;
    if ((subject.kind === 'user' || subject.kind === 'workload') && subject.kind === kind && subject.name === id)
      return true;
  }
  return false;
}

function fits(
  { actions, where, fields = [] }: Grant,
  { principal, action, resource }: NaiveQuestion,
  effect: 'allow' | 'deny',
): boolean {
  const isNamed = actions.some(
    (pattern) =>
      pattern === '*' || pattern === action || (pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1))),
  );
  // A pattern reaches only what can have all that stands beside it.
  const known: readonly string[] = [...RESOURCE_ATTRIBUTES[resource.kind].attributes];
  const canHave = (attribute: string) =>
    known.includes(attribute) || (attribute.startsWith('labels.') && resource.kind !== 'server');
  const isVague = ({ attribute, operator }: AttributeTest) =>
    attribute === 'target' && (operator === 'startsWith' || operator === 'atLeast' || operator === 'atMost');
  if (!isNamed || where.some((test) => !canHave(test.attribute) || isVague(test))) return false;
  if (fields.some((field) => !fieldsKnown(action).includes(field))) return false;
  return where.every((test) => isTrue(test, principal, resource, effect));
}

function fieldsKnown(action: ActionName): readonly string[] {
  if (action === 'model.update') return ['description', 'owner', 'card', 'labels'];
  if (action === 'namespace.update') return ['description', 'owner', 'labels', 'approvalStages'];
  return action === 'version.read' ? ['metrics', 'parameters', 'annotations', 'trainingData'] : [];
}

function isTrue(test: AttributeTest, principal: Principal, resource: Resource, effect: 'allow' | 'deny'): boolean {
  const raw = resource.attributes.get(test.attribute);
  const values: readonly (string | number)[] = raw === undefined ? [] : typeof raw === 'object' ? raw : [raw];
  switch (test.operator) {
    case 'exists':
      return test.isWanted === values.length > 0;
    case 'startsWith':
      return String(values[0] ?? '').startsWith(test.prefix) && typeof values[0] === 'string';
    case 'atLeast':
      return typeof values[0] === 'number' && values[0] >= test.bound;
    case 'atMost':
      return typeof values[0] === 'number' && values[0] <= test.bound;
  }
  const theirs = test.values.map((value) =>
    typeof value === 'object' ? valuesOf(principal, value.principal) : [value],
  );
  const isOne = values.some((value) => theirs.flat().includes(value));
  if (test.operator === 'in') return isOne;
  if (effect === 'deny') return !isOne;
  return values.length > 0 && !isOne && theirs.every((some) => some.length > 0);
}

function valuesOf(principal: Principal, path: string): readonly string[] {
  if (path === 'id') return [principal.id];
  if (path === 'groups') return principal.groups;
  return principal.attributes[path.replace('attributes.', '')] ?? [];
}

/** The networks of the tests, and the addresses in them. */
const INSIDE: Readonly<Record<string, string>> = {
  '10.0.0.0/8': '10.1.2.3',
  '192.168.1.0/24': '192.168.1.9',
  'fd00::/8': 'fd00::1',
};

function isGiven(
  test: EnvironmentTest,
  { principal, nowMs, address }: NaiveQuestion,
  effect: 'allow' | 'deny',
): boolean {
  if (test.kind === 'network') {
    if (address === undefined) return effect === 'deny';
    return test.networks.some((network) => INSIDE[network] === address) !== test.isNegated;
  }
  if (test.kind === 'credential') return test.credentials.includes(principal.credential) !== test.isNegated;
  const hour = new Date(nowMs).getUTCHours();
  return (hour >= 8 && hour < 18) !== test.isNegated;
}
