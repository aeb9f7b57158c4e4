import type { DeploymentSpec } from './deployment-spec.ts';
import type { ServableVersion } from './rollout-state.ts';

/**
 * Names a build: a version with the variants that a deployment lets serve. Two builds of a deployment that are in use at one time have
 * different names, and one keeps its name whatever its part is, so that gateways and controller tell them apart by it.
 *
 * An ensemble is named by its number, which no other one of its deployment has; {@link versionIdentity}, which is about what a
 * specification asks for, has all of its graph.
 *
 * @returns `digits@2`, `digits@2 cpu/int8,cpu/fp32` or `ensemble digits@2`
 */
export function buildName(
  { model, version }: Pick<ServableVersion, 'model' | 'version'>,
  { variants, ensemble }: { [Field in 'variants' | 'ensemble']?: DeploymentSpec[Field] | undefined },
): string {
  const name = `${model}@${version}`;
  if (ensemble !== undefined) return `ensemble ${name}`;
  return variants === undefined ? name : `${name} ${variants.join(',')}`;
}
