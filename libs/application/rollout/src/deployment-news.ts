import type { Deployment } from './deployment.ts';
import type { NewEvent } from './rollout-journal.ts';

/** How parts of the reconciler tell that a deployment is not what it was. */
export interface DeploymentNews {
  /** Adds an event, unless the same was told of the same commit, and has it recorded. */
  tellOnce(deployment: Deployment | undefined, event: NewEvent): void;
  /** Has a change recorded, and tells those who listen. */
  changed(deployment: Deployment): void;
}
