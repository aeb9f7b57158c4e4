import { expect, it } from 'vitest';
import type { AliasName, ModelName, Namespace } from '#domain/registry';
import type { DeploymentSpec } from '#domain/rollout';
import type { Deployment } from './deployment.ts';
import { ManifestIntake } from './manifest-intake.ts';
import type { ParsedManifest } from './manifest-parser.ts';

const spec = (source: object) =>
  ({ namespace: 'vision' as Namespace, name: 'm' as ModelName, model: 'm' as ModelName, ...source }) as DeploymentSpec;

/** Takes manifests in, one commit each. */
function intake() {
  const deployments = new Map<string, Deployment>();
  let changes = 0;
  const aliasesAsked: string[] = [];
  let parsed: ParsedManifest;
  const taken = new ManifestIntake({
    parser: { parse: () => [parsed] },
    deployments,
    news: {
      tellOnce: () => {},
      changed: () => {
        changes += 1;
      },
    },
    onAlias: (key) => aliasesAsked.push(key),
    onRemoved: () => {},
  });
  const take = (source: object, labels?: Record<string, string>) => {
    parsed = { kind: 'deployment', spec: spec(source), specHash: JSON.stringify(source), ...(labels && { labels }) };
    const content = { kind: 'text' as const, text: '' };
    const files = [{ path: 'm.yaml', commit: `c${changes}`, content }];
    const before = changes;
    taken.take({ commit: `c${before}`, branch: 'main', files, strays: [] });
    return { entry: deployments.get('vision/m')?.entry, isNews: changes > before };
  };
  return { take, aliasesAsked };
}

it('labels follow their manifest, and a change of nothing else asks for no other version', () => {
  const { take } = intake();
  expect(take({ version: 1 }, { team: 'a' }).entry?.labels).toEqual({ team: 'a' });
  expect(take({ version: 1 }, { team: 'a' }).isNews).toBe(false);
  const changed = take({ version: 1 }, { team: 'b' });
  expect(changed).toMatchObject({ isNews: true, entry: { labels: { team: 'b' }, desired: { commit: 'c0' } } });
  expect(take({ version: 1 }, { team: 'b', tier: 'x' }).entry?.labels).toEqual({ team: 'b', tier: 'x' });
  expect(take({ version: 1 }).entry).not.toHaveProperty('labels');
});

it('labels hold before an alias is looked up', () => {
  const { take, aliasesAsked } = intake();
  const { entry } = take({ alias: 'champion' as AliasName }, { team: 'a' });
  expect(entry).toMatchObject({ labels: { team: 'a' } });
  expect(entry?.desired).toBeUndefined();
  expect(aliasesAsked).toEqual(['vision/m']);
});
