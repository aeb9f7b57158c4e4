import { beforeEach, describe, expect, it } from 'vitest';
import { compilePolicies } from '#adapters/casl';
import { type Policy, type PolicyRule, type Principal, resource, SERVER } from '#domain/access';
import { AccessControl, ASKS_NOBODY, OPEN_ACCESS } from './access-control.ts';
import { ADMINISTRATOR_RULE, administratorKey } from './administrator.ts';
import { Authenticator } from './authenticator.ts';
import type { Denial } from './caller.ts';
import type { Decision } from './decision.ts';
import { PoliciesInForce } from './policies-in-force.ts';

const ada: Principal = { kind: 'user', id: 'ada', groups: [], attributes: {}, credential: 'token' };
const policy: Policy = {
  name: 'team',
  roles: [],
  bindings: [{ role: 'publisher', subjects: [{ kind: 'user', name: 'ada' }], namespaces: ['vision'], when: [] }],
  rules: [
    {
      name: 'frozen',
      effect: 'deny',
      actions: ['model.update'],
      fields: ['owner'],
      subjects: [{ kind: 'everyone' }],
      where: [{ attribute: 'labels.frozen', operator: 'exists', isWanted: true }],
      when: [],
    },
  ],
};
const model = (namespace: string, labels: Record<string, string> = {}) =>
  resource('model', { namespace, model: 'digits' }, labels);

let denials: Denial[];
let policies: PoliciesInForce;
let control: AccessControl;
beforeEach(() => {
  denials = [];
  policies = new PoliciesInForce(compilePolicies);
  policies.take({ name: 'one', documents: [{ file: 'a.yaml', parsed: { kind: 'policy', policy } }] });
  const tokens = { verify: async () => ada };
  const authenticator = new Authenticator({ tokens, sha256: (text) => text, nowMs: () => 0 });
  const lastResort = compilePolicies([ADMINISTRATOR_RULE]);
  const onDenied = (denial: Denial) => denials.push(denial);
  control = new AccessControl({ authenticator, policies, lastResort, nowMs: () => 0, onDenied });
});

const asAda = () => control.admit({ authorization: 'Bearer a.b.c', certificate: undefined }, undefined);
const anonymous = () => control.admit({ authorization: undefined, certificate: undefined }, undefined);

describe('access control', () => {
  it('lets pass who may, and tells who may not', async () => {
    const caller = await asAda();
    caller.require('model.update', model('vision'), 'owner');
    expect(() => caller.require('model.read', model('speech'))).toThrow(
      expect.objectContaining({
        code: 'ACCESS_DENIED',
        message: 'user ada may not model.read on model speech/digits: no policy allows it',
      }),
    );
    expect(() => caller.require('model.update', model('vision', { frozen: 'yes' }), 'owner')).toThrow(
      'user ada may not model.update owner on model vision/digits: team/rules[0]: frozen denies it',
    );
    expect(() => caller.require('garbage.collect', SERVER)).toThrow('on the installation: no policy allows it');
    expect(denials.map(({ action, ruleId }) => [action, ruleId])).toEqual([
      ['model.read', undefined],
      ['model.update', 'team/rules[0]: frozen'],
      ['garbage.collect', undefined],
    ]);
  });

  it('lets a certificate say who somebody is', async () => {
    const certificate = { subject: 'CN=shop', uris: [] };
    const caller = await control.admit({ authorization: undefined, certificate }, undefined);
    expect(() => caller.require('garbage.collect', SERVER)).toThrow(
      expect.objectContaining({
        code: 'ACCESS_DENIED',
        message: 'workload CN=shop may not garbage.collect on the installation: no policy allows it',
      }),
    );
  });

  it('hides from those who may know nothing of a thing, and tells the others and whoever has not said who they are', async () => {
    const [caller, hidden] = [await asAda(), new Error('hidden')];
    const frozen = model('vision', { frozen: 'yes' });
    const hide = () => hidden;
    expect(() => caller.requireOrHide('version.create', model('speech'), ['model.read'], hide)).toThrow(hidden);
    expect(() => caller.requireOrHide('garbage.collect', frozen, ['model.read'], hide)).toThrow(
      expect.objectContaining({ code: 'ACCESS_DENIED' }),
    );
    caller.requireOrHide('model.update', frozen, ['model.read'], hide);
  });

  it('asks nobody for what is only shown or left out', async () => {
    const caller = await asAda();
    expect([caller.may('model.read', model('vision')), caller.may('model.read', model('speech'))]).toEqual([
      true,
      false,
    ]);
    expect(denials).toEqual([]);
  });

  it('wants a change to be allowed on what is, and on what would be', async () => {
    const caller = await asAda();
    const [free, frozen] = [model('vision'), model('vision', { frozen: 'yes' })];
    caller.requireChange('model.update', free, frozen, ['labels']);
    expect(() => caller.requireChange('model.update', free, frozen, ['labels', 'owner'])).toThrow(/owner/);
    expect(() => caller.requireChange('model.update', frozen, free, ['owner'])).toThrow(/owner/);
    expect(() => caller.requireChange('model.update', free, model('speech'), ['card'])).toThrow(/speech/);
  });

  it('goes by the policies that are in force when it is asked', async () => {
    const before = await asAda();
    policies.take({ name: 'two', documents: [] });
    const after = control.callerOf(before.principal, undefined);
    expect(after.may('model.read', model('vision'))).toBe(false);
  });

  it('never locks the administrator out', () => {
    const rule: PolicyRule = {
      name: 'closed',
      effect: 'deny',
      actions: ['*'],
      subjects: [{ kind: 'everyone' }],
      where: [],
      when: [],
    };
    const closed: Policy = { ...policy, rules: [rule] };
    policies.take({ name: 'two', documents: [{ file: 'a.yaml', parsed: { kind: 'policy', policy: closed } }] });
    const { owner } = administratorKey(`slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`, (text) => text);
    const caller = control.callerOf({ ...owner, credential: 'apiKey' }, undefined);
    caller.require('garbage.collect', SERVER);
    caller.require('model.update', model('vision'), 'owner');
  });

  it('tells what policies are asked, by whom and from where, and not what the administrator does', async () => {
    const told: Decision[] = [];
    control = new AccessControl({
      authenticator: { authenticate: () => ada },
      policies,
      lastResort: compilePolicies([ADMINISTRATOR_RULE]),
      nowMs: () => 5,
      onDenied: () => {},
      onDecision: (decision) => told.push(decision),
    });
    const caller = control.callerOf(ada, '10.0.0.1');
    caller.require('model.update', model('vision'), 'owner');
    expect(() => caller.require('model.read', model('speech'))).toThrow();
    caller.may('model.read', model('speech'));
    caller.filterFor('version.read', ['metrics']);
    caller.unrecorded().may('model.read', model('vision'));
    const { owner } = administratorKey(`slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`, (text) => text);
    control.callerOf({ ...owner, credential: 'apiKey' }, undefined).require('garbage.collect', SERVER);
    expect(told.map(({ action, field, resource: of, isRequired }) => [action, field, of?.kind, isRequired])).toEqual([
      ['model.update', 'owner', 'model', true],
      ['model.read', undefined, 'model', true],
      ['model.read', undefined, 'model', false],
      ['version.read', undefined, undefined, false],
    ]);
    expect(told[0]).toMatchObject({ principal: ada, circumstances: { nowMs: 5, address: '10.0.0.1' } });
  });

  it('answers at once for who is known', async () => {
    await asAda();
    expect(asAda()).not.toBeInstanceOf(Promise);
    expect(anonymous()).not.toBeInstanceOf(Promise);
  });

  it('denies whoever says nothing of themselves, unless it is open', async () => {
    const stranger = await anonymous();
    const asked = expect.objectContaining({
      code: 'UNAUTHENTICATED',
      message: 'model.read is not for everybody: show an API key or a token',
    });
    expect(() => stranger.require('model.read', model('vision'))).toThrow(asked);
    expect(() => stranger.requireOrHide('model.read', model('vision'), [], () => new Error('hidden'))).toThrow(asked);
    const changed = expect.objectContaining({ code: 'UNAUTHENTICATED' });
    expect(() => stranger.requireChange('model.update', model('vision'), model('vision'), ['owner'])).toThrow(changed);
    expect(denials.map(({ principal, action }) => [principal.kind, action])).toEqual([
      ['anonymous', 'model.read'],
      ['anonymous', 'model.read'],
      ['anonymous', 'model.update'],
    ]);
    policies = new PoliciesInForce(compilePolicies, [OPEN_ACCESS]);
    const lastResort = compilePolicies([]);
    control = new AccessControl({
      authenticator: ASKS_NOBODY,
      policies,
      lastResort,
      nowMs: () => 0,
      onDenied: () => {},
    });
    const free = await control.admit({ authorization: 'Basic YTpi', certificate: undefined }, undefined);
    free.require('model.update', model('vision'), 'owner');
    expect(free.filterFor('version.read', ['metrics'])).toEqual({ kind: 'all' });
  });
});
