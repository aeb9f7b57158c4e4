import { describe, expect, it } from 'vitest';
import type { SourceRevision } from './manifest-source.ts';
import { isUnread, type KnownDeployment, planRemoval } from './removal.ts';

const revision: SourceRevision = { commit: 'c1', branch: 'main', files: [], strays: [] };
/** Deployments of which the first ones are missing from the revision. */
const known = (count: number, missing: number, prefix = ''): KnownDeployment[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `${prefix}${index}`,
    file: `${prefix}${index}.yaml`,
    isPresent: index >= missing,
  }));

describe('planRemoval', () => {
  it.each([
    ['as many as may go', 4, 2, 2, 0],
    ['all of a few', 3, 3, 3, 0],
    ['more than half of four', 4, 3, 0, 3],
    ['all of many', 100, 100, 0, 100],
  ])('%s: of %i with %i missing %i are removed and %i are held', (_, count, missing, removed, held) => {
    const plan = planRemoval(revision, known(count, missing), 50);
    expect(plan.remove).toHaveLength(removed);
    expect(plan.held.flatMap(({ keys }) => keys)).toHaveLength(held);
  });

  it('removes as many as are missing when the commit says so, and when there is no limit', () => {
    expect(planRemoval({ ...revision, confirmsRemoval: true }, known(9, 9), 50).remove).toHaveLength(9);
    expect(planRemoval(revision, known(9, 9), 100).remove).toHaveLength(9);
  });

  it('says how many are missing and what to do', () => {
    expect(planRemoval(revision, known(8, 6), 50).held[0]?.message).toBe(
      'commit c1 has no manifest for 6 of 8 deployments, so that none of them is removed: bring the manifests back, or commit with the trailer "Slipway-Confirm-Removal: yes"',
    );
  });

  it('removes nothing for a branch without a commit', () => {
    expect(planRemoval({ ...revision, commit: undefined }, known(3, 3), 50)).toEqual({ remove: [], held: [] });
  });

  it('judges each of several repositories by itself, and keeps what one brought that cannot be read', () => {
    const origins = [
      { prefix: 'a:', commit: 'c1', isRead: true, confirmsRemoval: false },
      { prefix: 'b:', commit: 'c2', isRead: true, confirmsRemoval: true },
      { prefix: 'c:', commit: undefined, isRead: false, confirmsRemoval: false },
    ];
    const of = [...known(5, 5, 'a:'), ...known(5, 5, 'b:'), ...known(5, 5, 'c:'), ...known(1, 1, 'gone:')];
    const plan = planRemoval({ ...revision, origins }, of, 50);
    expect(plan.remove).toEqual(['b:0', 'b:1', 'b:2', 'b:3', 'b:4']);
    expect(plan.held.map(({ keys }) => keys[0])).toEqual(['a:0']);
    expect([isUnread({ ...revision, origins }, 'c:0.yaml'), isUnread({ ...revision, origins }, 'a:0.yaml')]).toEqual([
      true,
      false,
    ]);
    const read = origins.slice(0, 2);
    expect(planRemoval({ ...revision, origins: read }, of, 50).remove).toContain('gone:0');
  });
});
