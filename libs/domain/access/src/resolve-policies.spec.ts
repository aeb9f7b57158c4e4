import { describe, expect, it } from 'vitest';
import type { Binding, Grant, Policy, PolicyRule, Role } from './policy.ts';
import { resolvePolicies } from './resolve-policies.ts';

const policy = (over: Partial<Policy>): Policy => ({ name: 'team', roles: [], bindings: [], rules: [], ...over });
const role = (name: string, over: Partial<Role> = {}): Role => ({ name, extends: [], grants: [], ...over });
const grant = (...actions: string[]): Grant => ({ actions, where: [] });
const binding = (over: Partial<Binding> = {}): Binding => ({
  role: 'viewer',
  subjects: [{ kind: 'group', name: 'vision' }],
  when: [],
  ...over,
});
const rule = (over: Partial<PolicyRule> = {}): PolicyRule => ({
  name: 'some',
  effect: 'deny',
  actions: ['version.read'],
  subjects: [{ kind: 'everyone' }],
  where: [],
  when: [],
  ...over,
});

function rulesOf(...policies: Policy[]) {
  const resolved = resolvePolicies(policies);
  return resolved.kind === 'resolved' ? resolved.rules : resolved.problems;
}

function problemsOf(...policies: Policy[]): string[] {
  const resolved = resolvePolicies(policies);
  if (resolved.kind === 'resolved') return [];
  return resolved.problems.map(({ policy: name, path, message }) => `${name}: ${path}: ${message}`);
}

describe('policies', () => {
  it('make rules of roles for those who have them, where they have them', () => {
    const auditor = role('auditor', { extends: ['invoker'], grants: [grant('audit.read')] });
    const bound = binding({ role: 'auditor', namespaces: ['vision'] });
    const where = [{ attribute: 'namespace', operator: 'in', values: ['vision'] }];
    expect(rulesOf(policy({ roles: [auditor], bindings: [bound] })).slice(1)).toEqual([
      {
        id: 'team/bindings[0]: auditor',
        effect: 'allow',
        subjects: bound.subjects,
        actions: ['audit.read'],
        where,
        when: [],
      },
      {
        id: 'team/bindings[0]: auditor (invoker)',
        effect: 'allow',
        subjects: bound.subjects,
        actions: ['deployment.infer', 'deployment.describe'],
        where,
        when: [],
      },
    ]);
  });

  it('use the roles of each other', () => {
    const shared = policy({ name: 'roles', roles: [role('auditor', { grants: [grant('audit.read')] })] });
    expect(rulesOf(policy({ bindings: [binding({ role: 'auditor' })] }), shared)).toHaveLength(2);
  });

  it('leave out of a pattern what cannot have the attributes or fields', () => {
    const where = [{ attribute: 'stage', operator: 'in' as const, values: ['production'] }];
    const [, denial] = rulesOf(policy({ rules: [rule({ actions: ['*'], where })] }));
    expect(denial).toMatchObject({
      actions: [
        'alias.set',
        'version.read',
        'version.download',
        'version.annotate',
        'version.sign',
        'version.deprecate',
        'version.withdraw',
        'stage.request',
        'stage.decide',
      ],
    });
    const [, metrics] = rulesOf(policy({ rules: [rule({ actions: ['version.*'], fields: ['metrics'] })] }));
    expect(metrics).toMatchObject({ actions: ['version.read'], fields: ['metrics'] });
  });

  it.each<[string, Policy[], string]>([
    [
      'a role that is not there',
      [policy({ bindings: [binding({ role: 'boss' })] })],
      'team: spec.bindings[0].role: there is no role boss: there are viewer, publisher, deployer, approver, invoker, admin',
    ],
    [
      'a built-in role that is defined again',
      [policy({ roles: [role('admin')] })],
      'team: spec.roles[0].name: admin is defined already: names of roles are unique over all policies, built-in roles included',
    ],
    [
      'a role that extends what is not there',
      [policy({ roles: [role('own', { extends: ['boss'] })] })],
      'team: spec.roles[0].extends[0]: there is no role boss: there are viewer, publisher, deployer, approver, invoker, admin, own',
    ],
    [
      'an action that is not there',
      [policy({ roles: [role('own', { grants: [grant('model.fly')] })] })],
      'team: spec.roles[0].allow[0].actions[0]: model.fly is no action',
    ],
    [
      'a pattern that fits nothing',
      [policy({ rules: [rule({ actions: ['rocket.*'] })] })],
      'team: spec.rules[0].actions[0]: rocket.* is no action',
    ],
    [
      'a field of an action without fields',
      [policy({ rules: [rule({ actions: ['version.create'], fields: ['metrics'] })] })],
      'team: spec.rules[0].actions[0]: version.create does not go with the field metrics: it has none',
    ],
    [
      'an attribute that the resource cannot have',
      [
        policy({
          rules: [
            rule({ actions: ['deployment.infer'], where: [{ attribute: 'stage', operator: 'in', values: ['a'] }] }),
          ],
        }),
      ],
      'team: spec.rules[0].actions[0]: deployment.infer is done to a deployment, which has no stage',
    ],
    [
      'an order of several values',
      [policy({ rules: [rule({ where: [{ attribute: 'target', operator: 'startsWith', prefix: 'c' }] })] })],
      'team: spec.rules[0].actions[0]: version.read is done to a version, which can have several values of target: name them',
    ],
    [
      'two rules of one name',
      [policy({ rules: [rule(), rule()] })],
      'team: spec.rules[1].name: some is the name of another rule of this policy, too',
    ],
    ['two policies of one name', [policy({}), policy({})], 'team: metadata.name: is the name of another policy, too'],
  ])('refuse %s', (_what, policies, problem) => {
    expect(problemsOf(...policies)).toEqual([problem]);
  });

  it('refuse roles that extend each other in a circle', () => {
    const circle = policy({ roles: [role('one', { extends: ['two'] }), role('two', { extends: ['one'] })] });
    expect(problemsOf(circle)).toEqual([
      'team: spec.roles[0].extends: one extends itself',
      'team: spec.roles[1].extends: two extends itself',
    ]);
  });
});
