import { isWithin, type TimeWindow } from '#domain/schedule';
import type { Effect } from './attribute-test.ts';
import type { Credential } from './principal.ts';

/** The circumstances of a request. */
export interface Environment {
  /** Since the epoch. */
  readonly nowMs: number;
  readonly credential: Credential;
  /** Whether the request came from a network such as `10.0.0.0/8`; `undefined` when it is not known where from. */
  readonly isFrom: (network: string) => boolean | undefined;
}

/** A test of the circumstances. */
export type EnvironmentTest = { readonly isNegated: boolean } & (
  | { readonly kind: 'time'; readonly windows: readonly TimeWindow[] }
  /** In CIDR notation. */
  | { readonly kind: 'network'; readonly networks: readonly string[] }
  | { readonly kind: 'credential'; readonly credentials: readonly Credential[] }
);

/** Whether a test holds. Where a request came from an unknown place, an allowing rule's test fails and a denying rule's holds. */
export function holds(test: EnvironmentTest, environment: Environment, effect: Effect): boolean {
  const isIn = isInside(test, environment);
  return isIn === undefined ? effect === 'deny' : isIn !== test.isNegated;
}

function isInside(test: EnvironmentTest, { nowMs, credential, isFrom }: Environment): boolean | undefined {
  switch (test.kind) {
    case 'time':
      return isWithin(test.windows, nowMs);
    case 'credential':
      return test.credentials.includes(credential);
    case 'network': {
      const answers = test.networks.map(isFrom);
      return answers.includes(undefined) ? undefined : answers.includes(true);
    }
  }
}
