import { expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { rejected, rolledBack, rolloutUnderWay } from '#testing';
import { rolloutEnd } from './rollout-end.ts';

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
