import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicies, Networks } from '#adapters/casl';
import {
  type Policy,
  type PolicyRule,
  type Principal,
  type Rule,
  resolvePolicies,
  resource,
  resourceKindOf,
  SERVER,
  seenFirst,
} from '#domain/access';
import { isDomainError } from '#domain/errors';
import { ADDRESSES, policies, principals, questions, resourcesOf, TIMES } from '#testing';
import { ADMINISTRATOR_RULE } from './administrator.ts';
import { Caller } from './caller.ts';
import { answerInWords, ExplainAccess } from './explain-access.ts';

const networks = new Networks();
const explainOf = (rules: readonly Rule[]) =>
  new ExplainAccess({ rules }, (network, address) => networks.contains(network, address));
const circumstances = fc.record({ nowMs: fc.constantFrom(...TIMES), address: fc.constantFrom(...ADDRESSES) });

function rulesOf(policy: Policy): readonly Rule[] {
  const resolved = resolvePolicies([policy]);
  if (resolved.kind === 'refused') throw new Error(JSON.stringify(resolved.problems));
  return resolved.rules;
}

const ada: Principal = { kind: 'user', id: 'ada', groups: [], attributes: {}, credential: 'token' };
const now = { nowMs: TIMES[0], address: undefined };
const rule = (name: string, parts: Partial<PolicyRule>): PolicyRule => ({
  name,
  effect: 'allow',
  actions: ['model.update'],
  subjects: [{ kind: 'user', name: 'ada' }],
  where: [],
  when: [],
  ...parts,
});
const policy: Policy = {
  name: 'team',
  roles: [],
  bindings: [{ role: 'viewer', subjects: [{ kind: 'user', name: 'ada' }], namespaces: ['vision'], when: [] }],
  rules: [
    rule('own', { where: [{ attribute: 'owner', operator: 'in', values: [{ principal: 'id' }] }] }),
    rule('office', { when: [{ kind: 'network', networks: ['10.0.0.0/8'], isNegated: false }] }),
    rule('of-others', { subjects: [{ kind: 'user', name: 'bob' }] }),
    rule('embargo', {
      effect: 'deny',
      subjects: [{ kind: 'everyone' }],
      where: [{ attribute: 'labels.project', operator: 'in', values: ['zeus'] }],
    }),
  ],
};
const explain = explainOf(rulesOf(policy));
const ofBob = resource('model', { namespace: 'vision', model: 'digits', owner: 'bob' });
const question = { principal: ada, action: 'model.update' as const, resource: ofBob, circumstances: now };

describe('an explanation', () => {
  it('names every rule about the one who asks, and which test failed', () => {
    const answer = explain.answer(question, true);
    expect(answer.isAllowed).toBe(false);
    expect(answer.trials.map(({ rule: { id }, miss }) => [id, miss?.message])).toEqual([
      ['team/rules[0]: own', 'wants owner to be ada, and it is bob'],
      ['team/rules[1]: office', 'wants the request to come from 10.0.0.0/8'],
      ['team/rules[3]: embargo', 'wants labels.project to be zeus, and it has none'],
    ]);
    expect(answerInWords(question, answer)).toBe(
      'user ada may not model.update on model vision/digits: no policy allows it',
    );
  });

  it('tells of a denial that does not fit only to those who may read the policies', () => {
    const idsOf = (project: Record<string, string>) => {
      const thing = resource('model', { namespace: 'vision', model: 'digits', owner: 'ada' }, project);
      const answer = explain.answer({ ...question, resource: thing }, false);
      return { isAllowed: answer.isAllowed, ids: answer.trials.map(({ rule: { id } }) => id) };
    };
    expect(idsOf({})).toEqual({ isAllowed: true, ids: ['team/rules[0]: own', 'team/rules[1]: office'] });
    expect(idsOf({ project: 'zeus' })).toEqual({
      isAllowed: false,
      ids: ['team/rules[0]: own', 'team/rules[3]: embargo', 'team/rules[1]: office'],
    });
  });

  it('says so where a thing cannot be seen, to which nothing is done then', () => {
    const hidden = resource('model', { namespace: 'speech', model: 'words', owner: 'ada' });
    const answer = explain.answer({ ...question, resource: hidden }, true);
    expect(answer).toMatchObject({ isAllowed: false, decided: 'model.read' });
    expect(answerInWords({ ...question, resource: hidden }, answer)).toBe(
      'user ada may not model.update on model speech/words, because to whoever may not model.read it is not there: no policy allows it',
    );
  });

  it('says what an API key is not for', () => {
    const scope = { keyId: 'key', actions: ['model.read', 'model.update'], namespaces: ['speech'] };
    const asked = { ...question, action: 'model.read' as const, principal: { ...ada, scope } };
    const answer = explain.answer(asked, false);
    expect(answerInWords(asked, answer)).toBe(
      'user ada may not model.read on model vision/digits: the API key is only for speech',
    );
  });

  it('knows what the administrator may do', () => {
    const [subject] = ADMINISTRATOR_RULE.subjects;
    const id = subject !== undefined && 'name' in subject ? subject.name : '';
    const principal: Principal = { ...ada, kind: 'workload', id };
    const answer = explain.answer({ principal, action: 'garbage.collect', resource: SERVER, circumstances: now }, true);
    expect(answer.rule).toBe(ADMINISTRATOR_RULE);
  });

  it('is what the operation does, for 5,000 random policies and questions', () => {
    let allowed = 0;
    fc.assert(
      fc.property(policies, principals, questions, circumstances, (random, principal, asked, at) => {
        const rules = rulesOf(random);
        const { action, resource: thing, field } = asked;
        const ability = compilePolicies(rules).abilityOf(principal, at);
        const caller = new Caller(principal, ability, { circumstances: at, onDenied: () => {} });
        const wanted = { principal, action, resource: thing, circumstances: at };
        const answer = explainOf(rules).answer(field === undefined ? wanted : { ...wanted, field }, true);
        expect(answer.isAllowed).toBe(isDone(caller, asked));
        if (answer.isAllowed) expect(answer.trials[0]?.miss).toBeUndefined();
        allowed += Number(answer.isAllowed);
      }),
      { numRuns: 5000, seed: 3 },
    );
    expect(allowed).toBeGreaterThan(500);
    expect(allowed).toBeLessThan(4500);
  });

  it('lists every action that is allowed on anything, for 5,000 random policies', () => {
    let listed = 0;
    const asked = questions.chain(({ action }) =>
      fc.record({
        action: fc.constant(action),
        things: fc.array(resourcesOf(resourceKindOf(action)), { minLength: 4, maxLength: 8 }),
      }),
    );
    fc.assert(
      fc.property(
        policies,
        principals,
        asked,
        circumstances,
        fc.boolean(),
        (random, principal, { action, things }, at, isWithin) => {
          const rules = rulesOf(random);
          const ability = compilePolicies(rules).abilityOf(principal, at);
          const namespace = isWithin ? 'vision' : undefined;
          const rows = explainOf(rules)
            .permissions(principal, at, namespace)
            .filter((row) => row.action === action);
          const allowed = things
            .filter(({ attributes }) => namespace === undefined || attributes.get('namespace') === namespace)
            .filter((thing) => ability.decide(action, thing).isAllowed);
          if (allowed.length > 0) expect(rows).not.toEqual([]);
          // What is allowed of any thing whatever is allowed of these.
          const isAny = rows.some((row) => row.conditions.length === 0 && !row.isNarrowed);
          if (isAny && namespace === undefined) expect(allowed).toEqual(things);
          listed += rows.length;
        },
      ),
      { numRuns: 5000, seed: 4 },
    );
    expect(listed).toBeGreaterThan(500);
  });
});

/** Does it as the registry's operations do: who may not see a thing does not find it, and a part is changed with the whole. */
function isDone(
  caller: Caller,
  { action, resource: thing, field }: typeof questions extends fc.Arbitrary<infer Q> ? Q : never,
) {
  const first = seenFirst(action);
  if (first !== undefined && !caller.may(first, thing)) return false;
  try {
    caller.require(action, thing);
    if (field !== undefined) caller.require(action, thing, field);
    return true;
  } catch (error) {
    if (isDomainError(error, 'ACCESS_DENIED') || isDomainError(error, 'UNAUTHENTICATED')) return false;
    throw error;
  }
}
