import { beforeEach, describe, expect, it } from 'vitest';
import { compilePolicies } from '#adapters/casl';
import { YamlPolicyParser } from '#adapters/json-schema';
import { type Principal, type Resource, resource, SERVER } from '#domain/access';
import type { RecordedDecision } from './decision.ts';
import { dryRunPolicies, type PolicyDryRun } from './dry-run-policies.ts';
import { PoliciesInForce } from './policies-in-force.ts';

const parser = new YamlPolicyParser();
const fileOf = (name: string, spec: string) => ({
  path: `${name}.yaml`,
  text: `apiVersion: slipway.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec:\n${spec}`,
});
const viewer = (who: string) => `  bindings: [{ role: viewer, subjects: [{ user: ${who} }], namespaces: [vision] }]\n`;
const night = `  rules:
    - name: night
      effect: deny
      actions: [model.read]
      subjects: [{ everyone: true }]
      when: { network: { in: [10.0.0.0/8] } }
`;

const user = (id: string): Principal => ({ kind: 'user', id, groups: [], attributes: {}, credential: 'token' });
const digits = resource('model', { namespace: 'vision', model: 'digits' });
const decisionOf = (id: string, parts: Partial<RecordedDecision> = {}): RecordedDecision => ({
  principal: user(id),
  action: 'model.read',
  resource: digits,
  count: 1,
  firstAtMs: 1000,
  lastAtMs: 2000,
  ...parts,
});
const listOf = (id: string): RecordedDecision => {
  const { resource: _, ...list } = decisionOf(id);
  return list;
};

let policies: PoliciesInForce;
beforeEach(() => {
  policies = new PoliciesInForce(compilePolicies);
  const documents = [fileOf('ada', viewer('ada')), fileOf('bob', viewer('bob'))].flatMap(({ path, text }) =>
    parser.parse(text).map((parsed) => ({ file: path, parsed })),
  );
  expect(policies.take({ name: 'one', documents }).refused).toBeUndefined();
});

function tryOut(
  files: Parameters<typeof dryRunPolicies>[0],
  decisions: readonly RecordedDecision[],
  more: { keepsOthers?: boolean; isVisible?: (resource: Resource) => boolean } = {},
): Extract<PolicyDryRun, { kind: 'compared' }> {
  const { keepsOthers = false, isVisible = () => true } = more;
  const result = dryRunPolicies(files, keepsOthers, { policies, parser, decisions, isVisible });
  if (result.kind === 'refused') throw new Error(result.problems.join('\n'));
  return result;
}

describe('a dry run of policies', () => {
  it('tells what would be denied and what would be allowed, with the rules on both sides', () => {
    const decisions = [decisionOf('ada'), decisionOf('eve', { lastAtMs: 5000 }), decisionOf('stranger')];
    const { changes, compared, sinceMs } = tryOut([fileOf('eve', viewer('eve'))], decisions);
    expect(changes.map(({ decision: { principal }, before, after }) => [principal.id, before, after])).toEqual([
      ['eve', { isAllowed: false }, { isAllowed: true, ruleId: 'eve/bindings[0]: viewer' }],
      ['ada', { isAllowed: true, ruleId: 'ada/bindings[0]: viewer' }, { isAllowed: false }],
    ]);
    expect([compared, sinceMs]).toEqual([3, 1000]);
  });

  it('changes nothing by policies that say the same in other words', () => {
    const both = `  bindings:
    - { role: publisher, subjects: [{ user: bob }], namespaces: [speech] }
    - { role: viewer, subjects: [{ user: bob }, { user: ada }], namespaces: [vision] }
`;
    const decisions = [decisionOf('ada'), decisionOf('bob'), listOf('ada')];
    expect(tryOut([fileOf('both', both)], decisions).changes).toEqual([]);
  });

  it('leaves what is in force as it is', () => {
    const inForce = policies.compiled;
    tryOut([fileOf('eve', viewer('eve'))], [decisionOf('ada')]);
    expect(policies.compiled).toBe(inForce);
    expect(policies.status).toEqual({ inForce: 'one', refused: undefined });
  });

  it('keeps policies of other names beside, when it is told to', () => {
    const [changed, decisions] = [[fileOf('ada', viewer('eve'))], [decisionOf('ada'), decisionOf('bob')]];
    expect(tryOut(changed, decisions).changes).toHaveLength(2);
    const { changes } = tryOut(changed, decisions, { keepsOthers: true });
    expect(changes.map(({ decision }) => decision.principal.id)).toEqual(['ada']);
  });

  it('asks under the circumstances of the last time', () => {
    const files = [fileOf('ada', viewer('ada')), fileOf('night', night)];
    const { changes } = tryOut(files, [
      decisionOf('ada', { address: '8.8.8.8' }),
      decisionOf('ada', { address: '10.1.1.1', lastAtMs: 3000, count: 2 }),
    ]);
    expect(changes).toMatchObject([
      { decision: { count: 3, lastAtMs: 3000 }, after: { ruleId: 'night/rules[0]: night' } },
    ]);
  });

  it('tells how much of a list would be shown', () => {
    const { changes } = tryOut([fileOf('eve', viewer('eve'))], [listOf('ada'), listOf('eve'), listOf('stranger')]);
    expect(changes.map(({ before, after }) => [before.shown, after.shown])).toEqual([
      ['some', 'none'],
      ['none', 'some'],
    ]);
  });

  it('counts changes about what may not be seen, and tells nothing of them', () => {
    const { changes, hidden } = tryOut([fileOf('eve', viewer('eve'))], [decisionOf('ada'), decisionOf('bob')], {
      isVisible: () => false,
    });
    expect([changes, hidden]).toEqual([[], 2]);
  });

  it('refuses policies that cannot be in force, in the words of the controller, and what holds none', () => {
    const parts = { policies, parser, decisions: [], isVisible: () => true };
    const wrong = fileOf('ada', '  bindings: [{ role: viwer, subjects: [{ user: ada }] }]\n');
    const broken = fileOf('eve', '  bindings: [{ role: viewer, subject: [] }]\n');
    const refused = dryRunPolicies([wrong, broken], false, parts);
    expect(refused.kind === 'refused' && refused.problems.join('\n')).toMatch(
      /^eve\.yaml: line 5: spec\.bindings\[0\]\.subjects is required[\s\S]*\nada\.yaml: spec\.bindings\[0\]\.role there is no role viwer/,
    );
    expect(dryRunPolicies([{ path: 'a.yaml', text: 'kind: Other' }], true, parts)).toEqual({
      kind: 'refused',
      problems: ['there is no policy in what was given'],
    });
  });

  it('compares questions about the installation, too', () => {
    const asked = decisionOf('ada', { action: 'policy.read', resource: SERVER });
    const reads = '  rules: [{ name: all, effect: allow, actions: [policy.read], subjects: [{ user: ada }] }]\n';
    expect(tryOut([fileOf('reads', reads)], [asked]).changes).toHaveLength(1);
  });
});
