import { labelText, type MetricFamily } from '#adapters/telemetry';
import type { RoutedSlot, VersionProfile } from '#application/serving';
import type { RouteRole, RouteTable } from '#domain/routing';

/** A version in a route, and how it is run. */
export interface ServedProfile {
  readonly model: string;
  readonly version: number;
  readonly role: RouteRole;
  readonly variant: string;
  readonly profile: VersionProfile;
}

/** The versions that get traffic now. */
export function servedVersions(routes: RouteTable<RoutedSlot>): ServedProfile[] {
  return [...routes].flatMap(([model, { stable, candidate }]) =>
    [['stable', stable] as const, ['candidate', candidate] as const].flatMap(([role, slot]) => {
      const profile = slot?.profile;
      if (slot === undefined || profile === undefined) return [];
      return [{ model, version: slot.version, role, variant: slot.variantName, profile }];
    }),
  );
}

const GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: Exclude<keyof VersionProfile, 'preferredSizes'>;
}[] = [
  { name: 'slipway_version_instances', help: 'Runners that serve the version.', of: 'instances' },
  { name: 'slipway_version_threads', help: 'Threads of one run.', of: 'intraOpThreads' },
  {
    name: 'slipway_version_max_batch_size',
    help: 'Most rows of one run; 1 when no runs are shared.',
    of: 'maxBatchSize',
  },
  { name: 'slipway_version_calls_in_work', help: 'Calls that wait or run.', of: 'callsInWork' },
  { name: 'slipway_version_calls_waiting', help: 'Calls whose run has not begun.', of: 'callsWaiting' },
  { name: 'slipway_version_call_limit', help: 'Calls that may be in work now.', of: 'limit' },
];

/** How each version that gets traffic is run. */
export function versionFamilies(served: readonly ServedProfile[]): MetricFamily[] {
  return GAUGES.map(({ name, help, of }) => ({
    name,
    help,
    type: 'gauge',
    samples: served.map(({ model, version, role, variant, profile }) => ({
      suffix: '',
      labels: labelText({ model, version, role, variant }),
      value: profile[of],
    })),
  }));
}
