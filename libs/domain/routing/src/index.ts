export type { DeploymentAttributes } from './deployment-attributes.ts';
export { deploymentNotFound } from './deployment-not-found.ts';
export {
  deploymentNamed,
  findVersion,
  type Pick,
  pickVersion,
  publicModelName,
  type RoutableVersion,
  type Route,
  type RouteRole,
  type RouteTable,
  routedNumbers,
  routedVersions,
} from './route.ts';
export { isMatched, type RequestTraits, type RouteMatch, type StickyKey, splitPoint } from './split.ts';
export { unitHash } from './unit-hash.ts';
