import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { PublishedPolicies } from './access-documents.ts';
import { PublishPolicies, type RepositoryFile, type RepositoryState } from './publish-policies.ts';

const file = (path: string, text: string): RepositoryFile => ({ path, content: { kind: 'text', text } });
const state = (commit: string, ...files: RepositoryFile[]): RepositoryState => ({
  commit,
  files,
  isWhole: true,
  confirmsRemoval: false,
});

let published: (PublishedPolicies & { epoch: number })[];
let refused: string[];
let parsings: string[];
let isStoreDown: boolean;
let publish: PublishPolicies;
beforeEach(() => {
  published = [];
  refused = [];
  parsings = [];
  isStoreDown = false;
  publish = new PublishPolicies({
    parser: {
      parse: (text) => {
        parsings.push(text);
        if (text.startsWith('broken')) return [{ kind: 'invalid', name: undefined, message: 'line 1' }];
        if (!text.startsWith('policy')) return [];
        const [, name = '', role] = text.split(' ');
        const bindings = role === undefined ? [] : [{ role, subjects: [], when: [] }];
        return [{ kind: 'policy', policy: { name, roles: [], bindings, rules: [] } }];
      },
    },
    publisher: {
      publish: async (policies, epoch) => {
        if (isStoreDown) throw new DomainError('STORE_UNAVAILABLE', 'down');
        published.push({ ...policies, epoch });
      },
    },
    onPublished: () => {},
    onRefused: (commit, problems) => refused.push(`${commit}: ${problems.join('; ')}`),
  });
});

describe('policies of a repository', () => {
  it('are published when they change, and with them nothing else', async () => {
    const a = file('a.yaml', 'policy a');
    await publish.take(state('one', a, file('digits.yaml', 'deployment')), 7);
    await publish.take(state('two', a, file('digits.yaml', 'deployment 2')), 7);
    await publish.take(state('three', a, file('b.yaml', 'policy b viewer')), 7);
    expect(published).toEqual([
      { revision: 'one', files: [{ path: 'a.yaml', text: 'policy a' }], epoch: 7 },
      {
        revision: 'three',
        files: [
          { path: 'a.yaml', text: 'policy a' },
          { path: 'b.yaml', text: 'policy b viewer' },
        ],
        epoch: 7,
      },
    ]);
    expect(parsings.filter((text) => text === 'policy a')).toHaveLength(1);
  });

  it('are not published while one of them is broken, which is told once', async () => {
    await publish.take(state('one', file('a.yaml', 'policy a')), 1);
    const broken = state('two', file('a.yaml', 'policy a boss'), file('b.yaml', 'broken'));
    await publish.take(broken, 1);
    await publish.take(broken, 1);
    expect(published).toHaveLength(1);
    expect(refused).toEqual([
      'two: b.yaml: line 1; a.yaml: spec.bindings[0].role there is no role boss: there are viewer, publisher, deployer, approver, invoker, admin',
    ]);
    await publish.take(state('three', file('a.yaml', 'policy a viewer')), 1);
    expect(published[1]).toMatchObject({ revision: 'three' });
  });

  it('do not go away by an accident', async () => {
    await publish.take(state('one', file('a.yaml', 'policy a')), 1);
    await publish.take(state('two'), 1);
    await publish.take({ ...state('three'), isWhole: false }, 1);
    await publish.take(state('four', { path: 'a.yaml', content: { kind: 'refused', reason: 'a link' } }), 1);
    expect(published).toHaveLength(1);
    expect(refused.map((words) => words.split(':')[0])).toEqual(['two', 'four']);
    expect(refused[1]).toContain('a.yaml: a link');
    await publish.take({ ...state('five'), confirmsRemoval: true }, 1);
    expect(published[1]).toEqual({ revision: 'five', files: [], epoch: 1 });
  });

  it('are said nothing of by a repository that has none', async () => {
    await publish.take(state('one', file('digits.yaml', 'deployment')), 1);
    await publish.take({ ...state('none'), commit: undefined }, 1);
    expect(published).toEqual([]);
    expect(refused).toEqual([]);
  });

  it('are published again when the store is back, and by whoever leads next', async () => {
    isStoreDown = true;
    const now = state('one', file('a.yaml', 'policy a'));
    await expect(publish.take(now, 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    isStoreDown = false;
    await publish.take(now, 1);
    await publish.take(now, 1);
    await publish.take(now, 2);
    expect(published.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });
});
