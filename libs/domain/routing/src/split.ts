import { unitHash } from './unit-hash.ts';

/** Requests that always go to the candidate: those that carry every one of these headers (metadata, in gRPC) with just this value. */
export interface RouteMatch {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What tells users apart, so that each stays with one version while the weight stands, and with the candidate while it grows. */
export interface StickyKey {
  /** A header (metadata, in gRPC), or a parameter of the request. */
  readonly source: 'header' | 'parameter';
  /** In lower case for a header. */
  readonly name: string;
}

/** What a route may ask of a request. Nothing is read that no route asks for. */
export interface RequestTraits {
  /** A header (metadata, in gRPC) by its name in lower case; absent where there are none. */
  readonly header?: ((name: string) => string | undefined) | undefined;
  /** A parameter of the request by its name, as the client gave it. */
  readonly parameter?: ((name: string) => unknown) | undefined;
}

/** Whether a request carries every header of a match. */
export function isMatched({ headers }: RouteMatch, { header }: RequestTraits): boolean {
  if (header === undefined) return false;
  for (const name in headers) if (header(name) !== headers[name]) return false;
  return true;
}

/**
 * Where a request stands in [0, 1): below the candidate's share it goes to the candidate. A user's requests stand at one point, which is
 * another one in every rollout: whoever is tried on once is not tried on always.
 *
 * @param salt names the rollout's deployment and candidate.
 * @param random01 for requests without the key.
 */
export function splitPoint(key: StickyKey, traits: RequestTraits, salt: string, random01: number): number {
  const value = key.source === 'header' ? traits.header?.(key.name) : textOf(traits.parameter?.(key.name));
  return value === undefined || value === '' ? random01 : unitHash(`${salt} ${value}`);
}

/** A parameter that is no scalar tells nobody apart. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}
