import type { DeploymentStatus } from '#generated/deployment-status';

/**
 * Whether a rollout has ended, and how: `good` when the desired version serves.
 *
 * A rollback has ended when Git says what is served. The deployment is healthy by its own commit before the controller knows that the
 * commit was taken.
 */
export function rolloutEnd({ phase, candidate, lastRollout }: DeploymentStatus): 'good' | 'bad' | undefined {
  if (candidate !== undefined || lastRollout === undefined) return undefined;
  if (lastRollout.writeBack?.state === 'pending') return undefined;
  if (phase === 'RolledBack' || phase === 'Failed') return 'bad';
  if (phase !== 'Healthy') return undefined;
  return lastRollout.outcome === 'promoted' || lastRollout.outcome === 'superseded' ? 'good' : 'bad';
}
