export { Blobs } from './blobs.ts';

export { CollectGarbage, type GarbageReport, type GracePeriods } from './collect-garbage.ts';
export { composeRegistry, type Registry, type RegistryParts } from './compose-registry.ts';
export {
  backupBucket,
  type CopyParts,
  type CopyProgress,
  type CopyReport,
  restoreBucket,
} from './copy-bucket.ts';
export type { VersionDeclaration } from './declaration.ts';
export { EventLog } from './event-log.ts';
export { ofExactSize } from './exact-size.ts';
export { GovernVersions, type PermitGovernance, type VersionName, type VersionUsage } from './govern-versions.ts';
export type { NewDigest, RunningDigest } from './hashing.ts';
export { type AliasTarget, ManageModels, type ModelProperties, type ModelUpdate } from './manage-models.ts';
export { ManageNamespaces, type NamespaceProperties, type NamespaceUpdate } from './manage-namespaces.ts';
export type { ExternalData, ModelInspection, ModelInspector } from './model-inspector.ts';
export { assertObjectKey } from './object-key.ts';
export { objectKeys, type RecordPlace, recordPlaceOf } from './object-keys.ts';
export type {
  DirectRequest,
  DirectTransfer,
  ObjectEntry,
  ObjectStore,
  StoredObject,
  WriteCondition,
} from './object-store.ts';
export { openBucket } from './open-bucket.ts';
export type { PermitChange } from './permit-change.ts';
export { probeConditionalWrites } from './probe-conditional-writes.ts';
export type {
  BucketIdentity,
  Condemnation,
  EventBatch,
  RecordCodec,
  RecordKind,
  RecordTypes,
  SemanticVersionClaim,
} from './record-codec.ts';
export {
  type DraftName,
  type DraftRequest,
  type DraftState,
  filesOf,
  RegisterVersion,
} from './register-version.ts';
export type {
  EventSelection,
  IndexedVersion,
  KnownFile,
  Page,
  PageRequest,
  RegistryIndex,
  Selection,
  SortOrder,
  VisibleRecords,
} from './registry-index.ts';
export { RegistryLookup } from './registry-lookup.ts';
export { RegistryRecords, type Tagged } from './registry-records.ts';
export { ResumableUploads, type UploadProgress } from './resumable-uploads.ts';
export { SweepRecords } from './sweep-records.ts';
export { type BucketProblem, type VerifyReport, verifyBucket } from './verify-bucket.ts';
