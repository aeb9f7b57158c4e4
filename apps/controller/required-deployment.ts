import type { Caller } from '#application/access';
import { type Deployment, deploymentNotFound, deploymentResource, type Reconciler } from '#application/rollout';
import { auditPrincipalOf } from '#apps/access';
import type { ActionName } from '#domain/access';
import type { RolloutCommand } from '#domain/rollout';

/** Names a deployment. */
export interface DeploymentPlace {
  readonly namespace: string;
  readonly name: string;
}

const ACTION_OF: Readonly<Record<RolloutCommand, ActionName>> = {
  promote: 'deployment.promote',
  promoteFully: 'deployment.promote',
  skip: 'deployment.skip',
  abort: 'deployment.abort',
  retry: 'deployment.retry',
};

/** Whether somebody may see a deployment. */
export function isVisible(caller: Caller, { entry }: Deployment): boolean {
  return caller.may('deployment.read', deploymentResource(entry));
}

/** The deployments that somebody may see. */
export function visibleDeployments(caller: Caller, { deployments }: Pick<Reconciler, 'deployments'>) {
  return deployments.filter((deployment) => isVisible(caller, deployment));
}

/**
 * A deployment that somebody may see.
 *
 * @throws DEPLOYMENT_NOT_FOUND in the same words whether it is not there or they may not see it.
 */
export function requireDeployment(
  caller: Caller,
  reconciler: Pick<Reconciler, 'require'>,
  { namespace, name }: DeploymentPlace,
): Deployment {
  const deployment = reconciler.require(namespace, name);
  if (!isVisible(caller, deployment)) throw deploymentNotFound({ namespace, name });
  return deployment;
}

/**
 * Has a command carried out that somebody gives.
 *
 * @returns the deployment, when what came of it is in the journal.
 * @throws DEPLOYMENT_NOT_FOUND as above, ACCESS_DENIED, UNAUTHENTICATED, ROLLOUT_NOT_ACTIVE, STORE_UNAVAILABLE
 */
export async function commandAs(
  caller: Caller,
  reconciler: Pick<Reconciler, 'require' | 'command' | 'recorded'>,
  { namespace, name }: DeploymentPlace,
  command: RolloutCommand,
): Promise<Deployment> {
  const { entry } = requireDeployment(caller, reconciler, { namespace, name });
  caller.require(ACTION_OF[command], deploymentResource(entry));
  const { principal } = caller;
  const known = principal.kind === 'anonymous' ? undefined : auditPrincipalOf(principal);
  const deployment = reconciler.command(namespace, name, command, known);
  await reconciler.recorded(deployment);
  return deployment;
}
