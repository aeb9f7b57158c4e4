import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies, principals, questions, TIMES } from '#testing';
import { covers } from './covers.ts';
import { judge } from './judge.ts';
import type { Policy } from './policy.ts';
import { ANONYMOUS_PRINCIPAL, CREDENTIALS, type Principal } from './principal.ts';
import { resolvePolicies } from './resolve-policies.ts';
import type { Rule } from './rule.ts';

function rulesOf(policy: Policy): readonly Rule[] {
  const resolved = resolvePolicies([policy]);
  if (resolved.kind === 'refused') throw new Error(JSON.stringify(resolved.problems));
  return resolved.rules;
}

const user = (id: string): Principal => ({ ...ANONYMOUS_PRINCIPAL, kind: 'user', id });

describe('covers', () => {
  const bind = (name: string, role: string, namespaces?: string[]) => ({
    role,
    subjects: [{ kind: 'user' as const, name }],
    when: [],
    ...(namespaces === undefined ? {} : { namespaces }),
  });
  const rules = rulesOf({
    name: 'team',
    roles: [],
    rules: [],
    bindings: [
      bind('root', 'admin'),
      bind('ada', 'publisher', ['vision', 'speech']),
      bind('bob', 'viewer', ['vision']),
      bind('cleo', 'viewer'),
    ],
  });

  it.each([
    ['root', 'ada', true],
    ['ada', 'bob', true],
    ['bob', 'ada', false],
    ['ada', 'cleo', false],
    ['cleo', 'bob', true],
    ['ada', 'root', false],
  ])('%s may act for %s: %s', (holder, other, expected) => {
    expect(covers(rules, user(holder), user(other))).toBe(expected);
  });

  it('never says yes of somebody who may do more, for 10,000 random policies', () => {
    let covered = 0;
    let allowed = 0;
    const environments = fc.record({
      nowMs: fc.constantFrom(...TIMES),
      credential: fc.constantFrom(...CREDENTIALS),
      isFrom: fc.boolean().map((isInside) => () => isInside),
    });
    const withoutKey = principals.map(({ scope: _, ...principal }) => principal);
    fc.assert(
      fc.property(
        policies,
        withoutKey,
        withoutKey,
        fc.array(questions, { minLength: 10, maxLength: 10 }),
        environments,
        (policy, holder, other, asked, environment) => {
          const resolved = rulesOf(policy);
          if (!covers(resolved, holder, other)) return;
          covered += 1;
          for (const { field, ...question } of asked) {
            const request = { ...question, environment, ...(field === undefined ? {} : { field }) };
            if (!judge(resolved, { ...request, principal: other }).isAllowed) continue;
            allowed += 1;
            expect(judge(resolved, { ...request, principal: holder }).isAllowed).toBe(true);
          }
        },
      ),
      { numRuns: 10_000, seed: 3 },
    );
    expect(covered).toBeGreaterThan(500);
    expect(allowed).toBeGreaterThan(500);
  });
});
