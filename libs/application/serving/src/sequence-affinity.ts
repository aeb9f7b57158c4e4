import {
  type Pick,
  pickVersion,
  type RequestTraits,
  type RoutableVersion,
  type Route,
  routedVersions,
} from '#domain/routing';
import type { SequencePlace } from './inference-call.ts';

/** A version that may hold the state of sequences. */
export interface SequenceHolder extends RoutableVersion {
  holdsSequence(id: string): boolean;
}

/** What a version is picked by. */
export interface PickedRequest extends RequestTraits {
  /** As the client wrote it; empty leaves the choice to the route. */
  readonly modelVersion: string;
  readonly sequence?: SequencePlace | undefined;
}

/**
 * Picks the version for a request that may be part of a sequence: chance decides for the first request, the others follow it to the
 * version that holds their state, as long as that is in the route. No other version can step in for it.
 *
 * A request whose sequence nobody in the route holds goes to stable, which tells what is wrong.
 *
 * @throws MODEL_VERSION_NOT_SERVED when the client names a version that is not in the route.
 */
export function pickForSequence<V extends SequenceHolder>(
  route: Route<V>,
  request: PickedRequest,
  random01: number,
): Pick<V> {
  const { modelVersion, sequence: place } = request;
  const isFree = place === undefined || place.isStart || modelVersion !== '';
  if (isFree) return pickVersion(route, modelVersion, random01, request);
  const holder = routedVersions(route).find(({ version }) => version.holdsSequence(place.id));
  const { version, role } = holder ?? { version: route.stable, role: 'stable' };
  return { version, role, fallback: undefined, isRandomlySplit: role !== 'pinned' };
}
