import type { Caller } from '#application/access';
import { type ActionName, SERVER } from '#domain/access';
import type { ServingAccess } from './serving-access.ts';

/**
 * What an operation asks of whoever wants it. There is none without: REST routes and gRPC methods are made with it.
 *
 * - `public`: for those who start and stop programs; no credential is looked at.
 * - `anybody`: whoever is let in, since it tells nothing of what is served here.
 * - `server`: an action on the installation.
 * - `model`: an action on the deployment that the request names.
 * - `each`: leaves out the deployments that the caller may not do it to.
 */
export type OperationAccess =
  | { readonly on: 'public' }
  | { readonly on: 'anybody' }
  | { readonly on: 'server'; readonly action: ActionName }
  | { readonly on: 'model'; readonly action: ActionName }
  | { readonly on: 'each'; readonly action: ActionName };

export const PUBLIC = { on: 'public' } as const satisfies OperationAccess;
export const ANYBODY = { on: 'anybody' } as const satisfies OperationAccess;
export const INFER = { on: 'model', action: 'deployment.infer' } as const satisfies OperationAccess;
export const DESCRIBE = { on: 'model', action: 'deployment.describe' } as const satisfies OperationAccess;
export const DESCRIBE_EACH = { on: 'each', action: 'deployment.describe' } as const satisfies OperationAccess;
export const READ = { on: 'model', action: 'deployment.read' } as const satisfies OperationAccess;
export const READ_EACH = { on: 'each', action: 'deployment.read' } as const satisfies OperationAccess;
export const METRICS = { on: 'server', action: 'metrics.read' } as const satisfies OperationAccess;
export const SETTINGS = { on: 'server', action: 'settings.read' } as const satisfies OperationAccess;

/**
 * Lets somebody pass to an operation.
 *
 * @param modelName that the request names; of no meaning for others than `model`.
 * @throws UNAUTHENTICATED, ACCESS_DENIED, DEPLOYMENT_NOT_FOUND
 */
export function requireOperation(
  operation: OperationAccess,
  access: ServingAccess,
  caller: Caller,
  modelName: string,
): void {
  if (operation.on === 'server') caller.require(operation.action, SERVER);
  else if (operation.on === 'model') access.require(caller, operation.action, modelName);
}
