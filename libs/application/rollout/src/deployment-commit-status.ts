import { describeStep, namedVersion, shownVersion } from '#domain/rollout';
import type { CommitStatus } from './commit-status.ts';
import type { Deployment } from './deployment.ts';

const MAX_DESCRIPTION = 140;

/**
 * What a deployment says of commits now: of the one whose rollout ended last, and of the one that Git asks for. Where they are the same
 * commit, the second is newer and comes last.
 *
 * @param publicUrl of the controller, as people reach it; statuses link to it.
 */
export function commitStatusesOf(deployment: Deployment, publicUrl?: string): CommitStatus[] {
  const { namespace, name, desired } = deployment.entry;
  const { lastRollout } = deployment.state;
  const context = `slipway/${namespace}/${name}`;
  const link = publicUrl === undefined ? {} : { targetUrl: `${publicUrl}/v1/deployments/${namespace}/${name}` };
  const statuses: CommitStatus[] = [];
  if (lastRollout !== undefined && lastRollout.outcome !== 'promoted') {
    const state = lastRollout.outcome === 'superseded' ? 'error' : 'failure';
    const description = shortened(`version ${shownVersion(lastRollout)} is out: ${lastRollout.reason}`);
    statuses.push({ commit: lastRollout.commit, context, state, description, ...link });
  }
  if (desired !== undefined) {
    const present = presentStatus(deployment);
    statuses.push({
      commit: desired.commit,
      context,
      ...present,
      description: shortened(present.description),
      ...link,
    });
  }
  return statuses;
}

function presentStatus(deployment: Deployment): Pick<CommitStatus, 'state' | 'description'> {
  const { resolution, note } = deployment;
  const { stable, candidate, rejected, lastRollout } = deployment.state;
  const desired = deployment.entry.desired;
  if (candidate !== undefined && candidate.desired.specHash === desired?.specHash) {
    return {
      state: 'pending',
      description: `version ${shownVersion(namedVersion(candidate))}: ${describeStep(candidate)}`,
    };
  }
  if (desired !== undefined && stable?.desired.specHash === desired.specHash) {
    return { state: 'success', description: `version ${shownVersion(namedVersion(stable))} answers everything` };
  }
  if (desired !== undefined && rejected.includes(desired.specHash)) {
    const reason = lastRollout?.specHash === desired.specHash ? lastRollout.reason : note;
    return { state: 'failure', description: `rolled back: ${reason}` };
  }
  if (resolution.kind === 'missing') return { state: 'error', description: resolution.reason };
  return { state: 'pending', description: note === '' ? 'not looked at yet' : note };
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_DESCRIPTION ? line : `${line.slice(0, MAX_DESCRIPTION - 1)}…`;
}
