import { beforeEach, describe, expect, it } from 'vitest';
import { type Principal, type Resource, resource, SERVER } from '#domain/access';
import type { Decision } from './decision.ts';
import { DecisionRecorder } from './decision-recorder.ts';

const ada: Principal = { kind: 'user', id: 'ada', groups: ['vision'], attributes: {}, credential: 'token' };
const model = (name: string) => resource('model', { namespace: 'vision', model: name });
const decisionOf = (what: Partial<Decision> = {}, nowMs = 1000): Decision => ({
  principal: ada,
  circumstances: { nowMs, address: '10.0.0.1' },
  action: 'model.update',
  resource: model('digits'),
  field: undefined,
  isRequired: true,
  ...what,
});
const shown = (thing: Resource, nowMs = 1000) =>
  decisionOf({ action: 'model.read', resource: thing, isRequired: false }, nowMs);

let recorder: DecisionRecorder;
beforeEach(() => {
  recorder = new DecisionRecorder(16);
});

describe('the recorder of decisions', () => {
  it('keeps each question once, with how often, when first and last, and where from', () => {
    recorder.note(decisionOf());
    // Another request has other objects of the same principal and model.
    recorder.note(decisionOf({ principal: { ...ada }, circumstances: { nowMs: 2000, address: undefined } }));
    recorder.note(decisionOf({ circumstances: { nowMs: 3000, address: '10.0.0.2' } }));
    recorder.note(decisionOf({ field: 'owner' }, 2500));
    const [last, other, ...rest] = recorder.decisions();
    expect(last).toMatchObject({ count: 3, firstAtMs: 1000, lastAtMs: 3000, address: '10.0.0.2' });
    expect(other).toMatchObject({ field: 'owner', count: 1 });
    expect(rest).toEqual([]);
  });

  it('tells apart whatever policies tell apart', () => {
    const others: Partial<Decision>[] = [
      {},
      { principal: { ...ada, groups: [] } },
      { principal: { ...ada, credential: 'apiKey' } },
      { principal: { ...ada, attributes: { team: ['vision'] } } },
      { principal: { ...ada, kind: 'workload' } },
      { action: 'model.read' },
      { field: 'card' },
      { resource: model('words') },
      { action: 'policy.read', resource: SERVER },
      { action: 'model.read', resource: undefined, isRequired: false },
    ];
    for (const other of others) recorder.note(decisionOf(other));
    for (const other of others) recorder.note(decisionOf(other));
    expect(recorder.decisions().map(({ count }) => count)).toEqual(others.map(() => 2));
  });

  it('writes down no credential, and neither when one ends nor which key it was', () => {
    const scope = { keyId: 'k3y1d', actions: ['model.update'] };
    recorder.note(decisionOf({ principal: { ...ada, credential: 'apiKey', validUntilMs: 77_777, scope } }));
    expect(JSON.stringify(recorder.decisions())).not.toMatch(/k3y1d|77777/);
    expect(recorder.decisions()[0]?.principal.scope?.actions).toEqual(['model.update']);
  });

  it('forgets what was asked the longest time ago, and no more than it must', () => {
    for (let index = 0; index < 40; index += 1) {
      recorder.note(decisionOf({ resource: model('always') }, index));
      recorder.note(decisionOf({ resource: model(`model-${index}`) }, index));
    }
    const names = recorder.decisions().map((decision) => decision.resource?.attributes.get('model'));
    expect(names.length).toBeGreaterThan(12);
    expect(names.length).toBeLessThanOrEqual(16);
    expect(names.slice(0, 3).toSorted()).toEqual(['always', 'model-38', 'model-39']);
    expect(names).not.toContain('model-0');
    expect(recorder.decisions().find(({ count }) => count === 40)).toBeDefined();
  });

  it('keeps a sample of what is shown, and all that is done', () => {
    const large = new DecisionRecorder(1000);
    for (let index = 0; index < 500; index += 1) large.note(shown(model(`model-${index}`)));
    for (let index = 0; index < 100; index += 1) large.note(decisionOf({ resource: model(`model-${index}`) }));
    const actions = large.decisions().map(({ action }) => action);
    expect(actions.filter((action) => action === 'model.read')).toHaveLength(32);
    expect(actions.filter((action) => action === 'model.update')).toHaveLength(100);
  });

  it('takes new samples where old ones were forgotten', () => {
    recorder.note(shown(model('first'), 1));
    for (let index = 0; index < 40; index += 1) recorder.note(decisionOf({ resource: model(`m-${index}`) }, 2 + index));
    recorder.note(shown(model('second'), 100));
    expect(recorder.decisions()[0]?.resource).toEqual(model('second'));
    expect(recorder.decisions().some(({ action, lastAtMs }) => action === 'model.read' && lastAtMs === 1)).toBe(false);
  });
});
