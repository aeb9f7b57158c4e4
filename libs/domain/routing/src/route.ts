import { DomainError } from '#domain/errors';
import type { ServingOptions } from '#domain/inference';
import type { Breaker, TrafficWatch } from '#domain/traffic';
import type { DeploymentAttributes } from './deployment-attributes.ts';
import { isMatched, type RequestTraits, type RouteMatch, type StickyKey, splitPoint } from './split.ts';

/** Which part a version plays in a route. A pinned one answers only requests that name it. */
export type RouteRole = 'stable' | 'candidate' | 'pinned';

/** A version that can serve; what else it holds is the caller's business. */
export interface RoutableVersion {
  readonly version: number;
  /** Names it in its route: stable and the candidate may be two builds of the version with one number. */
  readonly build: string;
}

/**
 * Where the requests of one deployment go. Immutable: a change makes a new route, and a request keeps the one it began with.
 * Only versions that are ready stand in it.
 */
export interface Route<V extends RoutableVersion> {
  /** As clients name it; see {@link publicModelName}. */
  readonly modelName: string;
  readonly namespace: string;
  readonly deployment: string;
  /** Absent: nothing is known. */
  readonly attributes?: DeploymentAttributes | undefined;
  readonly stable: V;
  readonly candidate?: V;
  /** Versions for requests that name them, none of them stable or the candidate; absent: none. */
  readonly pinned?: readonly V[];
  /** Numbers of versions that belong to the route and are not ready; absent: none. */
  readonly notReady?: readonly number[];
  /** 0 to 100; percent of the requests that name no version. */
  readonly candidateWeightPercent: number;
  /** 0 to 100; percent of stable's requests of which the candidate gets a copy. Absent: none. */
  readonly mirrorPercent?: number | undefined;
  /** Requests for the candidate; absent: none. */
  readonly match?: RouteMatch | undefined;
  /** Absent: chance decides anew for every request. */
  readonly stickyBy?: StickyKey | undefined;
  /** What is looked at in answers; absent: nothing. */
  readonly watch?: TrafficWatch | undefined;
  /** When the candidate is taken out without the controller; absent: never. */
  readonly breaker?: Breaker | undefined;
  readonly fallbackToStable: boolean;
  /** Names the rollout that counts belong to; empty outside of one. */
  readonly rolloutId: string;
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  readonly serving: ServingOptions;
}

/** A version with its part. */
export interface RoutedVersion<V extends RoutableVersion> {
  readonly version: V;
  readonly role: RouteRole;
}

/** A request's way: the version that answers, and the one that steps in when it fails. */
export interface Pick<V extends RoutableVersion> {
  readonly version: V;
  readonly role: RouteRole;
  readonly fallback: V | undefined;
  /** Whether chance chose the version; only such requests say something about the candidate. */
  readonly isRandomlySplit: boolean;
}

/** The routes of a gateway by model name. A change swaps the whole table. */
export type RouteTable<V extends RoutableVersion> = ReadonlyMap<string, Route<V>>;

/** The name of a deployment in URLs and gRPC messages: the protocol has no namespaces. */
export function publicModelName(namespace: string, deployment: string): string {
  return namespace === 'default' ? deployment : `${namespace}:${deployment}`;
}

/** What a name in a request means: see {@link publicModelName}. */
export function deploymentNamed(modelName: string): { readonly namespace: string; readonly deployment: string } {
  const colon = modelName.indexOf(':');
  if (colon === -1) return { namespace: 'default', deployment: modelName };
  return { namespace: modelName.slice(0, colon), deployment: modelName.slice(colon + 1) };
}

/** What requests may name instead of a number. */
const STABLE = 'stable';
const CANDIDATE = 'candidate';
const NO_TRAITS: RequestTraits = {};

/**
 * Picks the version for a request.
 *
 * @param requestedVersion as the client wrote it: a number, `stable`, or `candidate`, which is stable while there is none; empty or absent
 *   leaves the choice to the route.
 * @param random01 uniform in [0, 1).
 * @param traits what the route may ask of the request.
 * @throws MODEL_VERSION_NOT_READY when the client names a version that cannot answer yet
 * @throws MODEL_VERSION_NOT_SERVED when the client names a version that does not belong to the route
 */
export function pickVersion<V extends RoutableVersion>(
  route: Route<V>,
  requestedVersion: string | undefined,
  random01: number,
  traits = NO_TRAITS,
): Pick<V> {
  const { stable, candidate } = route;
  if (requestedVersion !== undefined && requestedVersion !== '') return pickNamed(route, requestedVersion);
  if (candidate === undefined) return { version: stable, role: 'stable', fallback: undefined, isRandomlySplit: true };
  const fallback = route.fallbackToStable ? stable : undefined;
  if (route.match !== undefined && isMatched(route.match, traits)) {
    return { version: candidate, role: 'candidate', fallback, isRandomlySplit: false };
  }
  const point =
    route.stickyBy === undefined ? random01 : splitPoint(route.stickyBy, traits, saltOf(route, candidate), random01);
  if (point * 100 >= route.candidateWeightPercent) {
    return { version: stable, role: 'stable', fallback: undefined, isRandomlySplit: true };
  }
  return { version: candidate, role: 'candidate', fallback, isRandomlySplit: true };
}

function saltOf({ namespace, deployment }: Route<RoutableVersion>, { build }: RoutableVersion): string {
  return `${namespace}/${deployment} ${build}`;
}

/** A named version has no fallback: the client asked for this one. */
function pickNamed<V extends RoutableVersion>(route: Route<V>, requested: string): Pick<V> {
  const found = findVersion(route, requested);
  if (found !== undefined) return { ...found, fallback: undefined, isRandomlySplit: false };
  if (route.notReady?.some((version) => String(version) === requested)) {
    throw new DomainError(
      'MODEL_VERSION_NOT_READY',
      `version ${requested} of ${route.modelName} is not ready: try again`,
    );
  }
  const served = routedNumbers(route);
  throw new DomainError(
    'MODEL_VERSION_NOT_SERVED',
    `${route.modelName} does not serve version ${JSON.stringify(requested.slice(0, 20))}: it serves ${served.join(', ')}`,
  );
}

/** The version that a client names, by its number or by its part; `undefined` when the route has no such one. A number is stable's first. */
export function findVersion<V extends RoutableVersion>(
  route: Route<V>,
  requested: string,
): RoutedVersion<V> | undefined {
  const versions = routedVersions(route);
  const [stable] = versions;
  if (requested === STABLE) return stable;
  if (requested === CANDIDATE) return versions.find(({ role }) => role === 'candidate') ?? stable;
  return versions.find(({ version }) => String(version.version) === requested);
}

/** Every version of a route with its part: stable, then the candidate, then those that are served by name. */
export function routedVersions<V extends RoutableVersion>({
  stable,
  candidate,
  pinned = [],
}: Route<V>): readonly RoutedVersion<V>[] {
  return [
    { version: stable, role: 'stable' },
    ...(candidate === undefined ? [] : [{ version: candidate, role: 'candidate' as const }]),
    ...pinned.map((version) => ({ version, role: 'pinned' as const })),
  ];
}

/** The numbers that clients may name, each once. */
export function routedNumbers(route: Route<RoutableVersion>): readonly number[] {
  return [...new Set(routedVersions(route).map(({ version }) => version.version))];
}
