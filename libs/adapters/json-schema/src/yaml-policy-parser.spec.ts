import { describe, expect, it } from 'vitest';
import { YamlPolicyParser } from './yaml-policy-parser.ts';

const parser = new YamlPolicyParser();
const parseLimits = (limits: string) =>
  parser.parse(`apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: team }
spec:
  limits:
${limits}`)[0];

describe('limits in a policy', () => {
  it('are read with their defaults', () => {
    const parsed = parseLimits(`    - name: contractors
      subjects: [{ group: contractors }]
      where: { deployment: { not: digits } }
      requests: { count: 600, per: minute }
      bytes: { count: 1000000000, per: day }
    - { name: all, shared: true, concurrent: 64 }`);
    expect(parsed).toMatchObject({
      kind: 'policy',
      policy: {
        limits: [
          {
            name: 'contractors',
            subjects: [{ kind: 'group', name: 'contractors' }],
            where: [{ attribute: 'deployment', operator: 'notIn', values: ['digits'] }],
            isShared: false,
            requests: { count: 600, periodMs: 60_000 },
            bytes: { count: 1e9, periodMs: 86_400_000 },
          },
          { name: 'all', subjects: [{ kind: 'everyone' }], where: [], isShared: true, concurrent: 64 },
        ],
      },
    });
  });

  it.each([
    ['    - { name: all }', 'spec.limits[0] limits nothing: it needs requests, bytes or concurrent'],
    ['    - { name: all, requests: { count: 0, per: minute } }', 'spec.limits[0].requests.count'],
    ['    - { name: all, requests: { count: 5, per: week } }', 'spec.limits[0].requests.per'],
    ['    - { name: all, requests: { count: 5 } }', 'spec.limits[0].requests'],
    ['    - { name: all, concurrent: 1.5 }', 'spec.limits[0].concurrent'],
    ['    - { name: all, rate: 5, concurrent: 1 }', 'rate'],
  ])('that are wrong are refused, with the place: %s', (limits, message) => {
    expect(parseLimits(limits)).toMatchObject({ kind: 'invalid', message: expect.stringContaining(message) });
  });
});
