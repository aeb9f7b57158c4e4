export { Blobs } from './blobs.ts';
export type { VersionDeclaration } from './declaration.ts';
export { ofExactSize } from './exact-size.ts';
export type { NewDigest, RunningDigest } from './hashing.ts';
export { ManageModels, type Page, type PageRequest } from './manage-models.ts';
export type { ModelInspection, ModelInspector } from './model-inspector.ts';
export { assertObjectKey } from './object-key.ts';
export { objectKeys } from './object-keys.ts';
export type { ObjectEntry, ObjectStore, StoredObject, WriteCondition } from './object-store.ts';
export { probeConditionalWrites } from './probe-conditional-writes.ts';
export type { RecordCodec, RecordKind, RecordTypes } from './record-codec.ts';
export {
  type DraftRequest,
  type DraftState,
  filesOf,
  RegisterVersion,
  type RegistrationParts,
} from './register-version.ts';
export { RegistryRecords, type Tagged } from './registry-records.ts';
