export {
  type Pick,
  pickVersion,
  publicModelName,
  type RoutableVersion,
  type Route,
  type RouteRole,
  type RouteTable,
  routedVersions,
} from './route.ts';
export type { RouteMatch, StickyKey } from './split.ts';
