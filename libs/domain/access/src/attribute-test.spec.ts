import { describe, expect, it } from 'vitest';
import { type AttributeTest, bindTest, type Effect, passes } from './attribute-test.ts';
import { ANONYMOUS_PRINCIPAL, type Principal } from './principal.ts';
import { resource } from './resource.ts';

const ada: Principal = {
  ...ANONYMOUS_PRINCIPAL,
  kind: 'user',
  id: 'ada',
  groups: ['vision', 'speech'],
  attributes: { region: ['eu'] },
};
const version = resource('version', { namespace: 'vision', version: 3, target: ['cpu', 'cuda'] }, { tier: 'gold' });

function answers(test: AttributeTest, principal = ada): Record<Effect, boolean> {
  const ask = (effect: Effect) => passes(version, bindTest(test, principal, effect), effect);
  return { allow: ask('allow'), deny: ask('deny') };
}

const yes = { allow: true, deny: true };
const no = { allow: false, deny: false };

describe('a test of an attribute', () => {
  it.each<[string, AttributeTest, typeof yes]>([
    ['one of the values', { attribute: 'namespace', operator: 'in', values: ['vision', 'speech'] }, yes],
    ['none of the values', { attribute: 'namespace', operator: 'in', values: ['speech'] }, no],
    ['a label', { attribute: 'labels.tier', operator: 'in', values: ['gold'] }, yes],
    ['one of several values', { attribute: 'target', operator: 'in', values: ['cuda'] }, yes],
    ['no other value', { attribute: 'target', operator: 'notIn', values: ['cuda'] }, no],
    ['a number is no text', { attribute: 'version', operator: 'in', values: ['3'] }, no],
    ['a group of the principal', { attribute: 'namespace', operator: 'in', values: [{ principal: 'groups' }] }, yes],
    ['the principal itself', { attribute: 'namespace', operator: 'notIn', values: [{ principal: 'id' }] }, yes],
    ['a beginning', { attribute: 'namespace', operator: 'startsWith', prefix: 'vis' }, yes],
    ['a bound below', { attribute: 'version', operator: 'atLeast', bound: 3 }, yes],
    ['a bound above', { attribute: 'version', operator: 'atMost', bound: 2 }, no],
    ['being there', { attribute: 'labels.tier', operator: 'exists', isWanted: true }, yes],
  ])('%s', (_what, test, expected) => {
    expect(answers(test)).toEqual(expected);
  });

  it.each<[string, AttributeTest, typeof yes]>([
    ['is none of the values', { attribute: 'owner', operator: 'in', values: ['ada'] }, no],
    [
      'is no other value, but to deny',
      { attribute: 'owner', operator: 'notIn', values: ['ada'] },
      { allow: false, deny: true },
    ],
    ['begins with nothing', { attribute: 'owner', operator: 'startsWith', prefix: 'a' }, no],
    ['has no size', { attribute: 'labels.size', operator: 'atMost', bound: 3 }, no],
    ['is not there', { attribute: 'owner', operator: 'exists', isWanted: false }, yes],
  ])('what is missing %s', (_what, test, expected) => {
    expect(answers(test)).toEqual(expected);
  });

  it('knows that the principal may lack what is compared', () => {
    const region = [{ principal: 'attributes.region' }];
    const stranger = { ...ada, attributes: {} };
    expect(answers({ attribute: 'namespace', operator: 'notIn', values: region })).toEqual(yes);
    expect(answers({ attribute: 'namespace', operator: 'notIn', values: region }, stranger)).toEqual({
      allow: false,
      deny: true,
    });
    expect(answers({ attribute: 'namespace', operator: 'in', values: region }, stranger)).toEqual(no);
    expect(answers({ attribute: 'namespace', operator: 'in', values: ['vision', ...region] }, stranger)).toEqual(yes);
  });

  it('takes nothing from the prototypes of principals and resources', () => {
    expect(answers({ attribute: 'namespace', operator: 'in', values: [{ principal: 'attributes.toString' }] })).toEqual(
      no,
    );
    expect(answers({ attribute: 'labels.constructor', operator: 'exists', isWanted: true })).toEqual(no);
  });
});
