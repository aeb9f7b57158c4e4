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

/**
 * Tells, state by state, whether what a commit asks for has come to its end. Before the controller has taken the commit, the states are those
 * of what was before it: an end there is none of the commit's.
 */
export class CommitWatch {
  readonly #commit: string;
  #first: { readonly commit: string | undefined } | undefined;
  #isTaken = false;

  constructor(commit: string) {
    this.#commit = commit;
  }

  /** @returns as {@link rolloutEnd}; `bad` also when the commit was refused. */
  endOf(status: DeploymentStatus): 'good' | 'bad' | undefined {
    const { desired, lastRollout, events } = status;
    this.#first ??= { commit: desired?.commit };
    // A later commit may have been taken in its place.
    const hasMovedOn = desired?.commit !== this.#first.commit;
    this.#isTaken ||= hasMovedOn || desired?.commit === this.#commit || lastRollout?.commit === this.#commit;
    if (this.#isTaken) return rolloutEnd(status);
    const isRefused = events.some(({ severity, commit }) => severity === 'error' && commit === this.#commit);
    return isRefused ? 'bad' : undefined;
  }
}
