import { type Dependency, dependencyCircle } from '#domain/rollout';
import type { Deployment } from './deployment.ts';
import { deploymentKey } from './deployment-key.ts';

/** What a deployment waits for by `spec.rollout.dependsOn`. */
export interface DeploymentDependencies {
  readonly dependencies: readonly Dependency[];
  /** The names on the way from a deployment back to itself; absent where none waits for itself. */
  readonly circle: readonly string[] | undefined;
}

/** @param deployments all of them, by key. */
export function dependenciesOf(
  { entry: { namespace, name } }: Deployment,
  deployments: ReadonlyMap<string, Deployment>,
): DeploymentDependencies {
  const named = (other: string) => deployments.get(deploymentKey({ namespace, name: other }));
  const namesOf = (other: string) => named(other)?.entry.desired?.spec.rollout.dependsOn ?? [];
  const names = namesOf(name);
  return {
    dependencies: names.map((other) => ({ name: other, isHealthy: named(other)?.isHealthy === true })),
    circle: names.length === 0 ? undefined : dependencyCircle(name, namesOf),
  };
}

/** Those that wait for a deployment. */
export function dependantsOf(
  { entry: { namespace, name } }: Deployment,
  deployments: ReadonlyMap<string, Deployment>,
): Deployment[] {
  return [...deployments.values()].filter(
    ({ entry }) =>
      entry.namespace === namespace && entry.desired?.spec.rollout.dependsOn?.some((other) => other === name),
  );
}
