import { AllocateVersion } from './allocate-version.ts';
import { Blobs } from './blobs.ts';
import { ChangeRecord } from './change-record.ts';
import { CollectGarbage, type GracePeriods } from './collect-garbage.ts';
import { EventLog } from './event-log.ts';
import { GovernVersions, type VersionUsage } from './govern-versions.ts';
import type { NewDigest } from './hashing.ts';
import { ManageModels } from './manage-models.ts';
import { ManageNamespaces } from './manage-namespaces.ts';
import type { ModelInspector } from './model-inspector.ts';
import type { ObjectStore } from './object-store.ts';
import { RegisterVersion } from './register-version.ts';
import type { RegistryIndex } from './registry-index.ts';
import { RegistryLookup } from './registry-lookup.ts';
import type { RegistryRecords } from './registry-records.ts';
import { ResumableUploads } from './resumable-uploads.ts';
import { SweepRecords } from './sweep-records.ts';

/** What a registry needs from outside. */
export interface RegistryParts {
  readonly store: ObjectStore;
  readonly records: RegistryRecords;
  readonly index: RegistryIndex;
  readonly inspector: ModelInspector;
  readonly usage: VersionUsage;
  readonly newDigest: NewDigest;
  readonly grace: GracePeriods;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly randomId: () => string;
}

/** The use cases of one registry process. */
export interface Registry {
  readonly index: RegistryIndex;
  readonly log: EventLog;
  readonly lookup: RegistryLookup;
  readonly blobs: Blobs;
  readonly namespaces: ManageNamespaces;
  readonly models: ManageModels;
  readonly registration: RegisterVersion;
  readonly uploads: ResumableUploads;
  readonly governance: GovernVersions;
  readonly sweeper: SweepRecords;
  readonly collector: CollectGarbage;
}

/** Puts the use cases of a registry together. */
export function composeRegistry({
  store,
  records,
  index,
  inspector,
  usage,
  newDigest,
  grace,
  now,
  randomId,
}: RegistryParts): Registry {
  const log = new EventLog(records, index, { writer: randomId(), newDigest });
  const lookup = new RegistryLookup(index, log);
  const changes = new ChangeRecord(records, index, log);
  const nowMs = () => Date.parse(now());
  const blobs = new Blobs(store, newDigest, index, { nowMs, graceMs: grace.blobMs });
  const sweeper = new SweepRecords(store, records, index, log, changes);
  const allocation = new AllocateVersion(records, index, log, changes);
  const namespaces = new ManageNamespaces(index, log, changes, now);
  return {
    index,
    log,
    lookup,
    blobs,
    namespaces,
    models: new ManageModels(lookup, namespaces, changes, now),
    registration: new RegisterVersion({ records, index, log, allocation, blobs, inspector, newDigest, now, randomId }),
    governance: new GovernVersions(index, lookup, changes, blobs, usage),
    uploads: new ResumableUploads(store, blobs),
    sweeper,
    collector: new CollectGarbage({ store, records, index, log, sweeper, now, randomId }, grace),
  };
}
