import type { Deployment } from '#application/rollout';
import { DomainError } from '#domain/errors';

const MAX_PAGE = 200;

/** Which part of a list is asked for. */
export interface PageRequest {
  readonly first: number;
  /** The cursor of the entry before the page. */
  readonly after: string | undefined;
}

/**
 * A page of deployments by namespace and name. A cursor is the place of its entry, and so stays good while deployments come and go.
 *
 * @throws INPUT_INVALID
 * @see https://relay.dev/graphql/connections.htm
 */
export function pageOf<Wire>(
  deployments: readonly Deployment[],
  { first, after }: PageRequest,
  toWire: (deployment: Deployment) => Wire,
) {
  if (first < 1 || first > MAX_PAGE) {
    throw new DomainError('INPUT_INVALID', `first must be 1 to ${MAX_PAGE}, not ${first}`, { field: 'first' });
  }
  const from = after === undefined ? '' : placeIn(after);
  const sorted = deployments
    .map((deployment) => ({ deployment, place: placeOf(deployment) }))
    .sort((left, right) => (left.place < right.place ? -1 : 1))
    .filter(({ place }) => place > from);
  const edges = sorted
    .slice(0, first)
    .map(({ deployment, place }) => ({ node: toWire(deployment), cursor: Buffer.from(place).toString('base64url') }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: sorted.length > first, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: deployments.length,
  };
}

/** Names hold no slash, so that places sort by namespace and then by name. */
function placeOf({ entry }: Deployment): string {
  return `${entry.namespace}/${entry.name}`;
}

function placeIn(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString('utf8');
  if (place.includes('/')) return place;
  throw new DomainError('INPUT_INVALID', 'after is no cursor of this list', { field: 'after' });
}
