import type { Deployment, GatewayFleet, Reconciler } from '#application/rollout';
import type { DeploymentStatus } from '#generated/deployment-status';
import type { DeploymentPlace } from './required-deployment.ts';
import { toStatus } from './status.mapper.ts';

/** Counts change with every request; they are looked at this often. */
export const WATCH_INTERVAL_MS = 50;

/** What states are made from. */
export interface DeploymentSources {
  readonly reconciler: Reconciler;
  readonly fleet: GatewayFleet;
}

/** Who is told of states. */
export interface StateListener {
  /** Whether it can take one now; when it can again it gets the newest, not all that it missed. */
  isReady(): boolean;
  /** Whether it may be told of the deployment now; while it may not, there is none for it. */
  maySee(deployment: Deployment): boolean;
  /** @param text the state as JSON. */
  tell(state: DeploymentStatus, text: string): void;
}

/**
 * Tells of a deployment's state now, after every change, and while counts grow; of each state once. A deployment that is not there yet is
 * waited for.
 *
 * @returns what ends that.
 */
export function watchDeployment(
  place: DeploymentPlace,
  { reconciler, fleet }: DeploymentSources,
  listener: StateListener,
): () => void {
  let last = '';
  const tellNow = () => {
    if (!listener.isReady()) return;
    const deployment = reconciler.deployments.find((candidate) => isAt(candidate, place));
    if (deployment === undefined || !listener.maySee(deployment)) {
      last = '';
      return;
    }
    const state = toStatus(deployment, fleet);
    const text = JSON.stringify(state);
    if (text === last) return;
    last = text;
    listener.tell(state, text);
  };
  const ignoreChanges = reconciler.onChange((deployment) => {
    if (isAt(deployment, place)) tellNow();
  });
  const counts = setInterval(tellNow, WATCH_INTERVAL_MS);
  tellNow();
  return () => {
    ignoreChanges();
    clearInterval(counts);
  };
}

function isAt({ entry }: Deployment, { namespace, name }: DeploymentPlace): boolean {
  return entry.namespace === namespace && entry.name === name;
}
