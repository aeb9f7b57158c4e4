import { DomainError } from '#domain/errors';
import type { ServingOptions } from '#domain/inference';

/** Which part a version plays in a route. A pinned one answers only requests that name it. */
export type RouteRole = 'stable' | 'candidate' | 'pinned';

/** A version that can serve; what it holds beside its number is the caller's business. */
export interface RoutableVersion {
  readonly version: number;
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
  readonly stable: V;
  readonly candidate?: V;
  /** Versions for requests that name them, none of them stable or the candidate; absent: none. */
  readonly pinned?: readonly V[];
  /** 0 to 100; percent of the requests that name no version. */
  readonly candidateWeightPercent: number;
  readonly fallbackToStable: boolean;
  /** Names the rollout that counts belong to; empty outside of one. */
  readonly rolloutId: string;
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  readonly serving: ServingOptions;
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

/**
 * Picks the version for a request.
 *
 * @param requestedVersion as the client wrote it; empty or absent leaves the choice to the weights.
 * @param random01 uniform in [0, 1).
 * @throws MODEL_VERSION_NOT_SERVED when the client names a version that is not in the route.
 */
export function pickVersion<V extends RoutableVersion>(
  route: Route<V>,
  requestedVersion: string | undefined,
  random01: number,
): Pick<V> {
  const { stable, candidate } = route;
  if (requestedVersion !== undefined && requestedVersion !== '') return pickNamed(route, requestedVersion);
  if (candidate === undefined || random01 * 100 >= route.candidateWeightPercent) {
    return { version: stable, role: 'stable', fallback: undefined, isRandomlySplit: true };
  }
  const fallback = route.fallbackToStable ? stable : undefined;
  return { version: candidate, role: 'candidate', fallback, isRandomlySplit: true };
}

/** A named version has no fallback: the client asked for this one. */
function pickNamed<V extends RoutableVersion>(route: Route<V>, requested: string): Pick<V> {
  const versions = routedVersions(route);
  const found = versions.find(({ version }) => String(version.version) === requested);
  if (found !== undefined) return { ...found, fallback: undefined, isRandomlySplit: false };
  const served = versions.map(({ version }) => version.version);
  throw new DomainError(
    'MODEL_VERSION_NOT_SERVED',
    `${route.modelName} does not serve version ${JSON.stringify(requested.slice(0, 20))}: it serves ${served.join(', ')}`,
  );
}

/** Every version of a route with its part: stable, then the candidate, then those that are served by name. */
export function routedVersions<V extends RoutableVersion>({
  stable,
  candidate,
  pinned = [],
}: Route<V>): readonly { readonly version: V; readonly role: RouteRole }[] {
  return [
    { version: stable, role: 'stable' },
    ...(candidate === undefined ? [] : [{ version: candidate, role: 'candidate' as const }]),
    ...pinned.map((version) => ({ version, role: 'pinned' as const })),
  ];
}
