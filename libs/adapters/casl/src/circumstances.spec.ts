import { describe, expect, it } from 'vitest';
import { ANONYMOUS_PRINCIPAL, type EnvironmentTest, type Principal, resolvePolicies, resource } from '#domain/access';
import { compilePolicies } from './compile-policies.ts';
import { Networks } from './networks.ts';

const ada: Principal = { ...ANONYMOUS_PRINCIPAL, kind: 'user', id: 'ada', credential: 'token' };
const model = resource('model', { namespace: 'vision', model: 'digits' });
const noon = Date.parse('2026-11-30T12:00:00Z');

function policiesBy(effect: 'allow' | 'deny', test: EnvironmentTest) {
  const rule = {
    name: 'own',
    effect,
    actions: ['model.read'],
    subjects: [{ kind: 'everyone' as const }],
    where: [],
    when: [test],
  };
  const open = { ...rule, name: 'open', effect: 'allow' as const, when: [] };
  const resolved = resolvePolicies([
    { name: 'test', roles: [], bindings: [], rules: effect === 'deny' ? [open, rule] : [rule] },
  ]);
  if (resolved.kind === 'refused') throw new Error(JSON.stringify(resolved.problems));
  return compilePolicies(resolved.rules);
}

describe('conditions on circumstances', () => {
  const windows = [
    { kind: 'weekly' as const, days: ['mon' as const], fromMinute: 8 * 60, toMinute: 18 * 60, timeZone: 'UTC' },
  ];

  it('hold for a time, and not a second longer', () => {
    const policies = policiesBy('allow', { kind: 'time', isNegated: false, windows });
    const isOpen = (nowMs: number) =>
      policies.abilityOf(ada, { nowMs, address: undefined }).decide('model.read', model).isAllowed;
    const evening = Date.parse('2026-11-30T18:00:00Z');
    expect([noon, evening - 1000, evening, noon].map(isOpen)).toEqual([true, true, false, true]);
  });

  it.each([
    ['from inside', '10.9.8.7', true],
    ['from inside, in the words of IPv6', '::ffff:10.9.8.7', true],
    ['from outside', '192.0.2.1', false],
    ['from nobody knows where', undefined, false],
    ['from what is no address', 'localhost', false],
  ])('ask where a request is %s', (_where, address, isInside) => {
    const network = { kind: 'network' as const, networks: ['10.0.0.0/8'] };
    const answer = (effect: 'allow' | 'deny', isNegated: boolean) =>
      policiesBy(effect, { ...network, isNegated })
        .abilityOf(ada, { nowMs: noon, address })
        .decide('model.read', model).isAllowed;
    expect(answer('allow', false)).toBe(isInside);
    // A denial of all who are not inside: whoever may be outside is denied.
    expect(answer('deny', true)).toBe(isInside);
  });

  it('ask how somebody has shown who they are', () => {
    const policies = policiesBy('deny', { kind: 'credential', isNegated: false, credentials: ['apiKey'] });
    const isOpen = (principal: Principal) =>
      policies.abilityOf(principal, { nowMs: noon, address: undefined }).decide('model.read', model).isAllowed;
    expect([ada, { ...ada, credential: 'apiKey' as const }].map(isOpen)).toEqual([true, false]);
  });

  it('are compiled once for each state that there is', () => {
    const policies = policiesBy('allow', { kind: 'time', isNegated: false, windows });
    const at = (nowMs: number) => policies.abilityOf(ada, { nowMs, address: undefined });
    expect(at(noon)).toBe(at(noon + 60_000));
    expect(at(noon)).not.toBe(at(noon + 10 * 3_600_000));
    expect(at(noon)).toBe(at(noon + 7 * 24 * 3_600_000));
  });
});

it('networks know IPv4 and IPv6', () => {
  const networks = new Networks();
  expect(networks.contains('fd00::/8', 'fd12::1')).toBe(true);
  expect(networks.contains('fd00::/8', '10.0.0.1')).toBe(false);
  expect(networks.contains('127.0.0.1/32', '127.0.0.1')).toBe(true);
  expect(networks.contains('0.0.0.0/0', '203.0.113.9')).toBe(true);
  // Every IPv4 address has its place in IPv6.
  expect(networks.contains('::/0', '203.0.113.9')).toBe(true);
});
