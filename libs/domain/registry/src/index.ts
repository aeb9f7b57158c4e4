export { type Alias, type AliasChange, type AliasMove, moveAlias } from './alias.ts';
export { type Digest, digestHex, parseDigest } from './digest.ts';
export {
  type ComparisonOperator,
  type FieldReader,
  type FieldValue,
  type FilterExpression,
  type FilterValue,
  fieldsOf,
  matchesFilter,
  numberIn,
} from './filter.ts';
export { type FieldTable, type FieldType, fieldType, MODEL_FIELDS, VERSION_FIELDS } from './filter-fields.ts';
export type { Model, NamespaceRecord, Revisioned } from './model.ts';
export { isKnownFormat, KNOWN_FORMATS, type KnownFormat, type ModelFormat, parseModelFormat } from './model-format.ts';
export {
  type DatasetReference,
  HARDWARE_TARGETS,
  type HardwareTarget,
  type ModelFile,
  type ModelVersion,
  PRECISIONS,
  type Precision,
  type Variant,
  type VariantDeclaration,
  type VariantSummary,
  type VersionDraft,
  type VersionMetadata,
} from './model-version.ts';
export {
  type Actor,
  type AliasName,
  ANONYMOUS,
  DEFAULT_NAMESPACE,
  type ModelName,
  type Namespace,
  parseActor,
  parseAliasName,
  parseModelName,
  parseNamespace,
} from './names.ts';
export { parseFilter } from './parse-filter.ts';
export {
  EVENT_ACTIONS,
  type EventAction,
  type EventOf,
  eventOf,
  type LoggedKind,
  type LoggedRecords,
  type RegistryEvent,
  revisionOf,
} from './registry-event.ts';
export { parseSemanticVersion, type SemanticVersion, semanticVersionClaim } from './semantic-version.ts';
export { STAGES, type Stage, stagesAfter } from './stage.ts';
export {
  type FieldEntry,
  modelEntries,
  sizeOf,
  statusEntries,
  type VersionSurroundings,
  versionAttributes,
  versionEntries,
  versionFieldReader,
} from './version-fields.ts';
export {
  addSignature,
  annotate,
  decideStage,
  deprecate,
  initialStatus,
  MAX_SIGNATURES,
  type Remark,
  requestStage,
  restore,
  type StageRequest,
  tombstone,
  type VersionSignature,
  type VersionStatus,
} from './version-status.ts';
