import { describe, expect, it } from 'vitest';
import type { RoutedSlot } from '#application/serving';
import type { Policy, PolicyRule, Principal } from '#domain/access';
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
  const served = { model: 'net', variants: [{ target }] };
  const modelName = namespace === 'default' ? deployment : `${namespace}:${deployment}`;
  return { modelName, namespace, deployment, stable: { served } } as unknown as Route<RoutedSlot>;
}

const peer = { address: '10.0.0.1', certificate: undefined };
const bearer = (name: string) => `Bearer ${name}`;

function accessOf(rules?: readonly PolicyRule[], target?: string) {
  const table = new Map([['vision:digits', routeTo('vision', 'digits', target)]]);
  const tested = accessFor([policyOf(rules)], principals);
  const access = new ServingAccess({ ...tested, routes: () => table });
  /** The code of what is thrown, or `passed`. */
  const ask = async (authorization: string | undefined, model = 'vision:digits') => {
    try {
      await access.passInference(authorization, peer, model);
      return 'passed';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return { access, ask, table, tested };
}

describe('access to what is served', () => {
  it('lets pass who may infer, at once when they are known', async () => {
    const { access, ask } = accessOf();
    expect(access.passInference(bearer('ada'), peer, 'vision:digits')).toBeInstanceOf(Promise);
    expect(await ask(bearer('ada'))).toBe('passed');
    expect(access.passInference(bearer('ada'), peer, 'vision:digits')).toBeUndefined();
  });

  it('tells who may see a deployment that they may not use it, and others nothing', async () => {
    const { ask, tested } = accessOf();
    expect(await ask(bearer('vic'))).toBe('ACCESS_DENIED');
    expect(await ask(bearer('eve'))).toBe('DEPLOYMENT_NOT_FOUND');
    expect(await ask(undefined)).toBe('DEPLOYMENT_NOT_FOUND');
    expect(tested.denials.map(({ principal }) => principal.id)).toEqual(['vic', 'eve', 'anonymous']);
  });

  it('answers for what is not there as for what somebody may know nothing of', async () => {
    const { access } = accessOf();
    const eve = await access.admit(bearer('eve'), peer);
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

  it('asks nobody where access is open', () => {
    const access = new ServingAccess({ ...accessFor(undefined), routes: () => new Map() });
    expect(access.passInference('Basic of a proxy before us', peer, 'digits')).toBeUndefined();
  });
});
