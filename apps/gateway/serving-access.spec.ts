import { describe, expect, it } from 'vitest';
import { trustedProxies } from '#adapters/casl';
import { CallLimits, FREE_PASS } from '#application/access';
import type { RoutedSlot } from '#application/serving';
import type { Policy, PolicyLimit, PolicyRule, Principal, TrustedProxies } from '#domain/access';
import type { Route } from '#domain/routing';
import { accessFor } from '#testing';
import { ServingAccess } from './serving-access.ts';

const user = (id: string): Principal => ({ kind: 'user', id, groups: [], attributes: {}, credential: 'token' });
const principals = { ada: user('ada'), eve: user('eve'), vic: user('vic') };
const everyone = { subjects: [{ kind: 'everyone' }], where: [], when: [] } as const;
const policyOf = (rules: readonly PolicyRule[] = []): Policy => ({
  name: 'team',
  roles: [],
  bindings: [
    { role: 'invoker', subjects: [{ kind: 'user', name: 'ada' }], namespaces: ['vision'], when: [] },
    { role: 'viewer', subjects: [{ kind: 'user', name: 'vic' }], when: [] },
  ],
  rules,
});

function routeTo(namespace: string, deployment: string, target = 'cpu'): Route<RoutedSlot> {
  const modelName = namespace === 'default' ? deployment : `${namespace}:${deployment}`;
  const attributes = { model: 'net', targets: [target], labels: {} };
  return { modelName, namespace, deployment, attributes } as unknown as Route<RoutedSlot>;
}

const peer = { address: '10.0.0.1', certificate: undefined };
const bearer = (name: string) => `Bearer ${name}`;

function accessOf(
  rules?: readonly PolicyRule[],
  target?: string,
  own: readonly PolicyLimit[] = [],
  proxies?: TrustedProxies,
) {
  const clock = { nowMs: 0 };
  const table = new Map([['vision:digits', routeTo('vision', 'digits', target)]]);
  const tested = accessFor([{ ...policyOf(rules), limits: own }], principals, proxies);
  const limits = new CallLimits(() => clock.nowMs);
  const access = new ServingAccess({ ...tested, limits, routes: () => table });
  /** The code of what is thrown, or `passed`. */
  const ask = async (authorization: string | undefined, model = 'vision:digits') => {
    try {
      await access.checkInference({ authorization, peer, headers: {}, modelName: model });
      return 'passed';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { access, ask, clock, table, tested };
}

describe('access to what is served', () => {
  it('lets pass who may infer, at once when they are known', async () => {
    const { access, ask } = accessOf();
    const asked = { authorization: bearer('ada'), peer, headers: {}, modelName: 'vision:digits' };
    expect(access.checkInference(asked)).toBeInstanceOf(Promise);
    expect(await ask(bearer('ada'))).toBe('passed');
    expect(access.checkInference(asked)).toBeUndefined();
    expect(access.passInference(asked, 100)).toBe(FREE_PASS);
  });

  it('tells who may see a deployment that they may not use it, and others nothing', async () => {
    const { ask, tested } = accessOf();
    expect(await ask(bearer('vic'))).toBe('ACCESS_DENIED');
    expect(await ask(bearer('eve'))).toBe('DEPLOYMENT_NOT_FOUND');
    expect(await ask(undefined)).toBe('UNAUTHENTICATED');
    expect(tested.denials.map(({ principal }) => principal.id)).toEqual(['vic', 'eve', 'anonymous']);
  });

  it('answers for what is not there as for what somebody may know nothing of', async () => {
    const { access } = accessOf();
    const eve = await access.admit({ authorization: bearer('eve'), peer, headers: {} });
    const messageOf = (model: string) => {
      try {
        access.require(eve, 'deployment.infer', model);
        return 'passed';
      } catch (error) {
        return (error as Error).message.replace(model, '…');
      }
    };
    expect(messageOf('vision:digits')).toBe(messageOf('vision:nothing'));
    expect(messageOf('vision:digits')).toBe('no deployment serves "…"');
  });

  it('asks those who show nothing who they are, whether it is there or not', async () => {
    const { ask } = accessOf();
    for (const model of ['vision:digits', 'vision:nothing', 'nothing'])
      expect([model, await ask(undefined, model)]).toEqual([model, 'UNAUTHENTICATED']);
  });

  it('leaves to the pipeline what is not there for those who might use it', async () => {
    expect(await accessOf().ask(bearer('ada'), 'vision:nothing')).toBe('passed');
    expect(await accessOf().ask(bearer('ada'), 'nothing')).toBe('DEPLOYMENT_NOT_FOUND');
  });

  it('refuses credentials that are not valid, whatever everybody may do', async () => {
    const { ask } = accessOf([{ name: 'open', effect: 'allow', actions: ['deployment.infer'], ...everyone }]);
    expect(await ask(undefined)).toBe('passed');
    expect(await ask(bearer('mallory'))).toBe('UNAUTHENTICATED');
    expect(await ask('Basic YTpi')).toBe('UNAUTHENTICATED');
  });

  it('asks again when a route or the policies change', async () => {
    const noGpu: PolicyRule = {
      name: 'no GPU',
      effect: 'deny',
      actions: ['deployment.infer'],
      ...everyone,
      where: [{ attribute: 'target', operator: 'in', values: ['nvidia'] }],
    };
    const { ask, table, tested } = accessOf([noGpu]);
    expect(await ask(bearer('ada'))).toBe('passed');
    table.set('vision:digits', routeTo('vision', 'digits', 'nvidia'));
    expect(await ask(bearer('ada'))).toBe('ACCESS_DENIED');
    table.set('vision:digits', routeTo('vision', 'digits'));
    expect(await ask(bearer('ada'))).toBe('passed');
    tested.policies.take({ name: 'two', documents: [] });
    expect(await ask(bearer('ada'))).toBe('DEPLOYMENT_NOT_FOUND');
  });

  it('counts inferences under the limits of their sender', async () => {
    const few: PolicyLimit = {
      name: 'few',
      subjects: [{ kind: 'user', name: 'ada' }],
      where: [{ attribute: 'deployment', operator: 'in', values: ['digits'] }],
      isShared: false,
      requests: { count: 2, periodMs: 1000 },
      concurrent: 1,
    };
    const { access, clock, table } = accessOf([], 'cpu', [few]);
    table.set('vision:letters', routeTo('vision', 'letters'));
    const infer = (modelName: string) =>
      access.passInference({ authorization: bearer('ada'), peer, headers: {}, modelName }, 100);
    (await infer('vision:digits')).end();
    const second = await infer('vision:digits');
    expect(() => infer('vision:digits')).toThrow('team/limits[0]: few allows ada 1 requests in work at once');
    second.end();
    expect(() => infer('vision:digits')).toThrow('2 requests in 1 s: try again in 1 s');
    expect(await infer('vision:letters')).toBe(FREE_PASS);
    clock.nowMs = 500;
    expect(await infer('vision:digits')).not.toBe(FREE_PASS);
  });

  it('tells strangers behind a trusted proxy apart by what it says of them, and nobody else', async () => {
    const once: PolicyLimit = {
      name: 'once',
      ...everyone,
      where: [],
      isShared: false,
      requests: { count: 1, periodMs: 1000 },
    };
    const open: PolicyRule = { name: 'open', effect: 'allow', actions: ['deployment.infer'], ...everyone };
    const { access } = accessOf([open], 'cpu', [once], trustedProxies(['10.0.0.0/8']));
    const infer = async (from: string, forwardedFor: string) => {
      const headers = { 'x-forwarded-for': forwardedFor };
      const asked = { authorization: undefined, peer: { ...peer, address: from }, headers, modelName: 'vision:digits' };
      return access.passInference(asked, 100);
    };
    await infer('10.0.0.1', '203.0.113.1');
    await infer('10.0.0.1', '203.0.113.2');
    await expect(infer('10.0.0.2', '198.51.100.9, 203.0.113.1')).rejects.toThrow('once allows');
    await infer('203.0.113.9', '198.51.100.1');
    await expect(infer('203.0.113.9', '198.51.100.2')).rejects.toThrow('once allows');
  });

  it('asks nobody where access is open', () => {
    const access = new ServingAccess({
      ...accessFor(undefined),
      limits: new CallLimits(() => 0),
      routes: () => new Map(),
    });
    const asked = { authorization: 'Basic of a proxy before us', peer, headers: {}, modelName: 'digits' };
    expect(access.checkInference(asked)).toBeUndefined();
    expect(access.passInference(asked, 100)).toBe(FREE_PASS);
  });
});
