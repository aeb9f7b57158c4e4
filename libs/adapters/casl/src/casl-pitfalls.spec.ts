import { describe, expect, it } from 'vitest';
import {
  type ActionName,
  ANONYMOUS_PRINCIPAL,
  type AttributeTest,
  type PolicyRule,
  type Principal,
  type Resource,
  resolvePolicies,
  resource,
} from '#domain/access';
import { compilePolicies } from './compile-policies.ts';

/** What CASL 7 gets wrong where it is used as its guide shows, each seen; and what is asked of ours instead. */

const ada: Principal = { ...ANONYMOUS_PRINCIPAL, kind: 'user', id: 'ada', credential: 'token' };
const atNoon = { nowMs: Date.parse('2026-11-30T12:00:00Z'), address: '10.1.2.3' };
const ownModel = resource('model', { namespace: 'vision', model: 'digits', owner: 'ada' });
const otherModel = resource('model', { namespace: 'vision', model: 'faces', owner: 'bob' });
const orphan = resource('model', { namespace: 'vision', model: 'orphan' });

type Brief = Pick<PolicyRule, 'effect'> & Partial<PolicyRule>;

function abilityBy(...rules: Brief[]) {
  const resolved = resolvePolicies([
    {
      name: 'test',
      roles: [],
      bindings: [],
      rules: rules.map((rule, index) => ({
        name: `rule-${index}`,
        actions: ['model.*'],
        subjects: [{ kind: 'everyone' }],
        where: [],
        when: [],
        ...rule,
      })),
    },
  ]);
  if (resolved.kind === 'refused') throw new Error(JSON.stringify(resolved.problems));
  return compilePolicies(resolved.rules).abilityOf(ada, atNoon);
}

const mine: AttributeTest = { attribute: 'owner', operator: 'in', values: [{ principal: 'id' }] };
const notBobs: AttributeTest = { attribute: 'owner', operator: 'notIn', values: ['bob'] };
const answer = (ability: ReturnType<typeof abilityBy>, action: ActionName, asked: Resource, field?: string) =>
  ability.decide(action, asked, field).isAllowed;

describe('pitfalls of CASL', () => {
  it('a conditional permission is none for the whole kind: there is always a thing that was read', () => {
    const ability = abilityBy({ effect: 'allow', where: [mine] });
    expect([ownModel, otherModel, orphan].map((model) => answer(ability, 'model.update', model))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('a denial counts wherever it stands', () => {
    const [denial, permission] = [{ effect: 'deny' as const, where: [mine] }, { effect: 'allow' as const }];
    for (const rules of [
      [denial, permission],
      [permission, denial],
    ])
      expect(answer(abilityBy(...rules), 'model.update', ownModel)).toBe(false);
  });

  it('a permission on a field is none on the others', () => {
    const ability = abilityBy({ effect: 'allow', actions: ['model.update'], fields: ['card'] });
    expect(answer(ability, 'model.update', ownModel, 'card')).toBe(true);
    expect(answer(ability, 'model.update', ownModel, 'owner')).toBe(false);
  });

  it('a denial of a field denies that alone', () => {
    const ability = abilityBy({ effect: 'allow' }, { effect: 'deny', actions: ['model.update'], fields: ['owner'] });
    expect(answer(ability, 'model.update', ownModel)).toBe(true);
    expect(answer(ability, 'model.update', ownModel, 'card')).toBe(true);
    expect(answer(ability, 'model.update', ownModel, 'owner')).toBe(false);
  });

  it('what is missing is no other value', () => {
    const ability = abilityBy({ effect: 'allow', where: [notBobs] });
    expect([ownModel, otherModel, orphan].map((model) => answer(ability, 'model.read', model))).toEqual([
      true,
      false,
      false,
    ]);
    const strict = abilityBy({ effect: 'allow' }, { effect: 'deny', where: [notBobs] });
    expect([ownModel, otherModel, orphan].map((model) => answer(strict, 'model.read', model))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('a claim that is missing makes no condition true', () => {
    const team: AttributeTest = { attribute: 'owner', operator: 'in', values: [{ principal: 'attributes.team' }] };
    expect(answer(abilityBy({ effect: 'allow', where: [team] }), 'model.read', orphan)).toBe(false);
  });

  it('a resource is of the kind that it was made as, whatever it says of itself', () => {
    const forged = { ...otherModel, __caslSubjectType__: 'server', attributes: new Map([['kind', 'server']]) };
    const ability = abilityBy({ effect: 'allow', actions: ['metrics.read'] });
    expect(answer(ability, 'metrics.read', forged)).toBe(false);
    expect(answer(ability, 'model.read', forged)).toBe(false);
  });

  it('nobody may do everything by the words that CASL has for it', () => {
    const ability = abilityBy({ effect: 'allow', actions: ['model.read'] });
    for (const word of ['manage', 'all', '*', '']) expect(() => ability.decide(word as ActionName, ownModel)).toThrow();
  });

  it('labels with dots in their names are found', () => {
    const named = resource('model', { namespace: 'a', model: 'b' }, { 'app.kubernetes.io/name': 'shop' });
    const test: AttributeTest = { attribute: 'labels.app.kubernetes.io/name', operator: 'in', values: ['shop'] };
    expect(answer(abilityBy({ effect: 'allow', where: [test] }), 'model.read', named)).toBe(true);
  });

  it('a number and its text are two', () => {
    const version = resource('version', { namespace: 'a', model: 'b', version: 1 });
    const by = (value: string | number) =>
      answer(
        abilityBy({
          effect: 'allow',
          actions: ['version.read'],
          where: [{ attribute: 'version', operator: 'in', values: [value] }],
        }),
        'version.read',
        version,
      );
    expect([by(1), by('1')]).toEqual([true, false]);
  });
});
