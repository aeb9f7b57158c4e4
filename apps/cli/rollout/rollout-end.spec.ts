import { describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { rejected, rolledBack, rolloutUnderWay } from '#testing';
import { CommitWatch, rolloutEnd } from './rollout-end.ts';

/** The state, with another last rollout. */
function ended(
  state: DeploymentStatus,
  lastRollout: Partial<NonNullable<DeploymentStatus['lastRollout']>>,
): DeploymentStatus {
  if (state.lastRollout === undefined) throw new Error('no rollout has ended');
  return { ...state, lastRollout: { ...state.lastRollout, ...lastRollout } };
}

it('goes on while a candidate has traffic', () => {
  expect(rolloutEnd(rolloutUnderWay())).toBeUndefined();
});

it('ends well with what Git asks for', () => {
  expect(rolloutEnd(ended(rolledBack(), { outcome: 'promoted' }))).toBe('good');
  expect(rolloutEnd(ended(rolledBack(), { outcome: 'superseded' }))).toBe('good');
});

it.each([
  ['when Git asks for stable again', rolledBack()],
  ['while Git asks for what is rejected', rejected()],
  ['when the deployment failed', { ...rolledBack(), phase: 'Failed' as const }],
])('ends badly with a rollback that is in Git %s, not before', (_when, state) => {
  expect(rolloutEnd(ended(state, { writeBack: { state: 'pending' } }))).toBeUndefined();
  for (const writeBack of [
    { state: 'committed', commit: '3'.repeat(40) },
    { state: 'abandoned' },
    { state: 'off' },
  ] as const)
    expect(rolloutEnd(ended(state, { writeBack }))).toBe('bad');
});

describe('the end of what a commit asks for', () => {
  const [before, asked] = ['1'.repeat(40), '5'.repeat(40)];
  /** A deployment that is healthy by an earlier rollout, as Git said it then. */
  const healthy = ended({ ...rolledBack(), events: [] }, { outcome: 'promoted', commit: before });
  const desiring = (state: DeploymentStatus, commit: string): DeploymentStatus => {
    if (state.desired === undefined) throw new Error('nothing is desired');
    return { ...state, desired: { ...state.desired, commit } };
  };

  it('is not that of what was before it', () => {
    const watch = new CommitWatch(asked);
    expect(watch.endOf(desiring(healthy, before))).toBeUndefined();
    expect(watch.endOf(desiring({ ...healthy, phase: 'Progressing' }, asked))).toBeUndefined();
    expect(watch.endOf(ended(desiring(healthy, asked), { outcome: 'rolledBack', commit: asked }))).toBe('bad');
  });

  it('may be there already', () => {
    expect(new CommitWatch(asked).endOf(ended(healthy, { commit: asked }))).toBe('good');
    expect(new CommitWatch(asked).endOf(desiring(healthy, asked))).toBe('good');
  });

  it('is that of a later commit, when that was taken in its place', () => {
    const watch = new CommitWatch(asked);
    expect(watch.endOf(desiring(healthy, before))).toBeUndefined();
    expect(watch.endOf(desiring(healthy, '6'.repeat(40)))).toBe('good');
  });

  it('is bad when the commit is refused', () => {
    const watch = new CommitWatch(asked);
    const event = { id: 9, at: '2026-11-28T20:29:00.000Z', code: 'BRANCH_NOT_DEPLOYED', message: 'no', commit: asked };
    expect(watch.endOf({ ...desiring(healthy, before), events: [{ ...event, severity: 'warning' }] })).toBeUndefined();
    expect(watch.endOf({ ...desiring(healthy, before), events: [{ ...event, severity: 'error' }] })).toBe('bad');
  });
});
