export { Deployment } from './deployment.ts';
export type { DeploymentRoute, GatewayFleet, PinnedReadiness, RoutedVersion, VersionKey } from './gateway-fleet.ts';
export {
  type Authority,
  type Contender,
  Leadership,
  type LeadershipEvents,
  type LeadershipParts,
} from './leadership.ts';
export type { Lease, LeaseStore, TaggedLease } from './lease.ts';
export type { ManifestParser, ParsedManifest } from './manifest-parser.ts';
export type {
  ManifestFile,
  ManifestSource,
  RollbackCommit,
  SourceRevision,
  StrayCommit,
  WriteBackResult,
} from './manifest-source.ts';
export { Reconciler, type ReconcilerParts } from './reconciler.ts';
export type {
  DeploymentEvent,
  JournalEntry,
  PinnedVersions,
  RolloutJournal,
  TaggedEntry,
  WriteBackStatus,
} from './rollout-journal.ts';
export type { Scheduler } from './scheduler.ts';
export type { Selection, VersionCatalogue } from './version-catalogue.ts';
