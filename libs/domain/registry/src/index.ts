export { type Digest, digestHex, parseDigest } from './digest.ts';
export {
  type Alias,
  type DatasetReference,
  HARDWARE_TARGETS,
  type HardwareTarget,
  MODEL_FORMATS,
  type Model,
  type ModelFile,
  type ModelFormat,
  type ModelVersion,
  PRECISIONS,
  type Precision,
  type Variant,
  type VariantDeclaration,
  type VersionDraft,
  type VersionMetadata,
} from './model-version.ts';
export {
  type AliasName,
  DEFAULT_NAMESPACE,
  type ModelName,
  type Namespace,
  parseAliasName,
  parseModelName,
  parseNamespace,
} from './names.ts';
