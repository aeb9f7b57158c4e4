import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AttributeValue,
  type Environment,
  judge,
  type Policy,
  type Principal,
  type Resource,
  resolvePolicies,
} from '#domain/access';
import { type FieldReader, type FieldValue, matchesFilter } from '#domain/registry';
import { ADDRESSES, naivelyAllowed, policies, principals, questions, resourcesOf, TIMES } from '#testing';
import { compilePolicies } from './compile-policies.ts';
import { Networks } from './networks.ts';

const circumstances = fc.record({ nowMs: fc.constantFrom(...TIMES), address: fc.constantFrom(...ADDRESSES) });
const networks = new Networks();

function rulesOf(policy: Policy) {
  const resolved = resolvePolicies([policy]);
  if (resolved.kind === 'refused') throw new Error(JSON.stringify(resolved.problems));
  return resolved.rules;
}

function environmentOf({ credential }: Principal, nowMs: number, address: string | undefined): Environment {
  return {
    nowMs,
    credential,
    isFrom: (network) => (address === undefined ? undefined : networks.contains(network, address)),
  };
}

/** A resource as the registry's filters see it. */
function readerOf({ kind, attributes }: Resource): FieldReader {
  return (field) => {
    const value = attributes.get(kind === 'model' && field === 'name' ? 'model' : field);
    return (value === undefined ? [] : typeof value === 'object' ? value : [value]).map(fieldValue);
  };
}

function fieldValue(value: AttributeValue): FieldValue {
  return typeof value === 'number' ? { number: value } : { text: String(value) };
}

describe('compiled policies', () => {
  it('answer what the rules say, for 10,000 random policies and questions', () => {
    let allowed = 0;
    fc.assert(
      fc.property(policies, principals, questions, circumstances, (policy, principal, question, { nowMs, address }) => {
        const rules = rulesOf(policy);
        const { action, resource, field } = question;
        const expected = naivelyAllowed(policy, { principal, ...question, nowMs, address });
        const { isAllowed, ruleId } = compilePolicies(rules)
          .abilityOf(principal, { nowMs, address })
          .decide(action, resource, field);
        expect(isAllowed).toBe(expected);
        const environment = environmentOf(principal, nowMs, address);
        const judgement = judge(rules, {
          principal,
          action,
          resource,
          environment,
          ...(field === undefined ? {} : { field }),
        });
        expect(judgement.isAllowed).toBe(expected);
        if (isAllowed) expect(ruleId).toBeDefined();
        allowed += Number(isAllowed);
      }),
      { numRuns: 10_000, seed: 1 },
    );
    // Answers of one kind alone would show nothing.
    expect(allowed).toBeGreaterThan(1000);
    expect(allowed).toBeLessThan(9000);
  });

  it('list what the single question allows, for 10,000 random policies and principals', () => {
    let some = 0;
    const listed = fc.constantFrom('model.read' as const, 'version.read' as const, 'version.download' as const);
    fc.assert(
      fc.property(
        policies,
        principals,
        listed.chain((action) =>
          fc.record({
            action: fc.constant(action),
            resources: fc.array(resourcesOf(action === 'model.read' ? 'model' : 'version'), {
              minLength: 5,
              maxLength: 12,
            }),
            fields: fc.constantFrom([], action === 'version.read' ? ['metrics'] : []),
          }),
        ),
        circumstances,
        (policy, principal, { action, resources, fields }, at) => {
          const rules = rulesOf(policy);
          const ability = compilePolicies(rules).abilityOf(principal, at);
          const list = ability.filterFor(action, fields);
          const isListed = (resource: Resource) =>
            list.kind === 'some' ? matchesFilter(list.filter, readerOf(resource)) : list.kind === 'all';
          const isAllowed = (resource: Resource) =>
            [undefined, ...fields].every((field) => ability.decide(action, resource, field).isAllowed);
          expect(resources.map(isListed)).toEqual(resources.map(isAllowed));
          some += Number(list.kind === 'some');
        },
      ),
      { numRuns: 10_000, seed: 2 },
    );
    expect(some).toBeGreaterThan(1000);
  });
});
