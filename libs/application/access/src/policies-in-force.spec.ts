import { beforeEach, describe, expect, it } from 'vitest';
import type { Policy, Rule } from '#domain/access';
import type { CompiledPolicies } from './ability.ts';
import { PoliciesInForce } from './policies-in-force.ts';
import type { ParsedPolicy } from './policy-parser.ts';

const policy = (name: string, role: string): ParsedPolicy => ({
  kind: 'policy',
  policy: {
    name,
    roles: [],
    rules: [],
    bindings: [{ role, subjects: [{ kind: 'everyone' }], when: [] }],
  } satisfies Policy,
});

let compilations: (readonly Rule[])[];
let policies: PoliciesInForce;
beforeEach(() => {
  compilations = [];
  policies = new PoliciesInForce((rules) => {
    compilations.push(rules);
    return { rules } as unknown as CompiledPolicies;
  });
});

const take = (name: string, ...documents: (readonly [string, ParsedPolicy])[]) =>
  policies.take({ name, documents: documents.map(([file, parsed]) => ({ file, parsed })) });

describe('policies in force', () => {
  it('are none at first but what is built in', () => {
    expect(policies.rules.map(({ id }) => id)).toEqual(['built-in: own keys']);
    expect(policies.status).toEqual({ inForce: undefined, refused: undefined });
  });

  it('are taken whole', () => {
    expect(take('one', ['a.yaml', policy('a', 'viewer')], ['b.yaml', policy('b', 'invoker')])).toEqual({
      inForce: 'one',
      refused: undefined,
    });
    expect(policies.policies.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(policies.rules).toHaveLength(3);
    expect(policies.compiled).toEqual({ rules: policies.rules });
  });

  it('stay as they are when one of the next cannot be taken, and say why', () => {
    take('one', ['a.yaml', policy('a', 'viewer')]);
    const { rules, compiled } = policies;
    const broken: ParsedPolicy = { kind: 'invalid', name: 'c', message: 'line 3: spec.rule is not a known field' };
    const status = take('two', ['a.yaml', policy('a', 'admin')], ['b.yaml', policy('b', 'boss')], ['c.yaml', broken]);
    expect(status).toEqual({
      inForce: 'one',
      refused: {
        revision: 'two',
        problems: [
          'c.yaml: line 3: spec.rule is not a known field',
          'b.yaml: spec.bindings[0].role there is no role boss: there are viewer, publisher, deployer, approver, invoker, admin',
        ],
      },
    });
    expect(policies.rules).toBe(rules);
    expect(policies.compiled).toBe(compiled);
    expect(take('three').refused).toBeUndefined();
    expect(policies.rules).toHaveLength(1);
  });

  it('leave what is fixed', () => {
    const fixed: Rule = { id: 'fixed', effect: 'allow', subjects: [], actions: ['audit.read'], where: [], when: [] };
    policies = new PoliciesInForce((rules) => ({ rules }) as unknown as CompiledPolicies, [fixed]);
    take('one', ['a.yaml', policy('a', 'viewer')]);
    expect(policies.rules[0]).toBe(fixed);
  });
});
