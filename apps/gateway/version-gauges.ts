import { labelText, type MetricFamily } from '#adapters/telemetry';
import type { RoutedSlot, VersionProfile } from '#application/serving';
import { type RouteRole, type RouteTable, routedVersions } from '#domain/routing';

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
  return [...routes].flatMap(([model, route]) =>
    routedVersions(route).flatMap(({ role, version: slot }) => {
      const { profile, version, variantName: variant } = slot;
      return profile === undefined ? [] : [{ model, version, role, variant, profile }];
    }),
  );
}

const GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: Exclude<keyof VersionProfile, 'preferredSizes' | 'cache'>;
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

const CACHE_GAUGES = [
  { name: 'slipway_version_cache_entries', help: 'Answers that are kept.', of: 'entryCount' },
  { name: 'slipway_version_cache_bytes', help: 'Memory of kept answers.', of: 'sizeBytes' },
  { name: 'slipway_version_cache_evictions', help: 'Kept answers that went to make room.', of: 'evictions' },
] as const;

/** How each version that gets traffic is run. */
export function versionFamilies(served: readonly ServedProfile[]): MetricFamily[] {
  const family = (name: string, help: string, read: (profile: VersionProfile) => number | undefined) => ({
    name,
    help,
    type: 'gauge' as const,
    samples: served.flatMap(({ model, version, role, variant, profile }) => {
      const value = read(profile);
      return value === undefined ? [] : [{ suffix: '', labels: labelText({ model, version, role, variant }), value }];
    }),
  });
  return [
    ...GAUGES.map(({ name, help, of }) => family(name, help, (profile) => profile[of])),
    ...CACHE_GAUGES.map(({ name, help, of }) => family(name, help, ({ cache }) => cache?.[of])),
  ];
}
