export { type AskedRollout, askedRolloutOf } from './asked-rollout.ts';
export type { CommitStatus, CommitStatusPublisher } from './commit-status.ts';
export { ComposedSource, type NamedSource } from './composed-source.ts';
export { ComposedStatusPublisher, type RepositoryStatuses } from './composed-status-publisher.ts';
export { Deployment } from './deployment.ts';
export { deploymentNotFound } from './deployment-not-found.ts';
export { deploymentResource } from './deployment-resource.ts';
export { ExternalReadings, type ExternalReadingsParts } from './external-readings.ts';
export { type GateProvider, type GateProviders, type GateSubject, providerByMetric } from './gate-provider.ts';
export type { BuildKey, DeploymentRoute, GatewayFleet, PinnedReadiness, RoutedVersion } from './gateway-fleet.ts';
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
  AskedVersion,
  ManifestFile,
  ManifestSource,
  RollbackCommit,
  SourceNotice,
  SourceOrigin,
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
export { StatusReporter, type StatusReporterParts } from './status-reporter.ts';
export type { Selection, VersionCatalogue } from './version-catalogue.ts';
