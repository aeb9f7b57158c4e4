import type { Page, PageRequest } from '#application/registry';
import { DomainError } from '#domain/errors';
import type * as wire from '#generated/graphql';

/** Arguments that every list has. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** A connection whose total is counted only when it is asked for. */
export interface Connection<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly nodes: readonly T[];
  readonly pageInfo: wire.PageInfo;
}

const DEFAULT_PAGE = 50;

/** What somebody sees of a list who may see nothing of it. */
export const EMPTY_PAGE: Page<never> = { entries: [], hasNextPage: false, hasPreviousPage: false };

/**
 * The page that the arguments of a connection ask for.
 *
 * @throws INPUT_INVALID when both ends are asked for at once.
 * @see https://relay.dev/graphql/connections.htm
 */
export function pageRequestOf({ first, after, last, before }: PageArgs): PageRequest {
  const isBackward = last != null || before != null;
  if (isBackward && (first != null || after != null)) {
    throw new DomainError('INPUT_INVALID', 'give first and after, or last and before, not both', { field: 'first' });
  }
  return {
    limit: (isBackward ? last : first) ?? DEFAULT_PAGE,
    from: (isBackward ? before : after) ?? undefined,
    isBackward,
  };
}

export function connectionOf<T, Wire>(page: Page<T>, toWire: (node: T) => Wire): Connection<Wire> {
  const edges = page.entries.map(({ node, cursor }) => ({ node: toWire(node), cursor }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
