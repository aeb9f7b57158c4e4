import type { FieldReader, FieldValue } from './filter.ts';
import { numberIn } from './filter.ts';
import type { Model } from './model.ts';
import type { ModelVersion } from './model-version.ts';
import type { VersionStatus } from './version-status.ts';

/** A field and one of its values. */
export type FieldEntry = readonly [field: string, value: FieldValue];

/** The fields of a version that come from its immutable record and have many names or many values. */
export function versionEntries({ metadata, variants }: ModelVersion): FieldEntry[] {
  return [
    ...entriesOf('metrics', metadata.metrics),
    ...entriesOf('parameters', metadata.parameters),
    ...entriesOf('labels', metadata.labels),
    ...distinct(
      'target',
      variants.map((variant) => variant.target),
    ),
    ...distinct(
      'precision',
      variants.map((variant) => variant.precision),
    ),
    ...distinct(
      'format',
      variants.map((variant) => variant.format),
    ),
    ...distinct(
      'dataset',
      metadata.trainingData.map((dataset) => dataset.name),
    ),
    ...distinct(
      'digest',
      variants.flatMap((variant) => variant.files.map((file) => file.digest)),
    ),
    ...[...new Set(metadata.parents)].map((number): FieldEntry => ['parent', { number }]),
  ];
}

/** The fields of a version that come from its status and have many names. */
export function statusEntries({ annotations }: VersionStatus): FieldEntry[] {
  return entriesOf('annotations', annotations);
}

/** The fields of a model that have many names. */
export function modelEntries({ labels }: Model): FieldEntry[] {
  return entriesOf('labels', labels);
}

/** The one-valued fields of a version. */
export function versionAttributes(version: ModelVersion, status: VersionStatus): Record<string, FieldValue> {
  const { metadata } = version;
  return definedOnly({
    namespace: version.namespace,
    model: version.model,
    version: version.version,
    semanticVersion: metadata.semanticVersion,
    stage: status.stage,
    pendingStage: status.pendingStage?.to,
    deprecated: Number(status.deprecation !== undefined),
    tombstoned: Number(status.tombstone !== undefined),
    description: metadata.description,
    sourceCommit: metadata.sourceCommit,
    createdAt: version.createdAt,
    createdBy: version.createdBy,
    sizeBytes: sizeOf(version),
  });
}

/** Bytes of all files of all variants; a blob that several share counts once. */
export function sizeOf({ variants }: Pick<ModelVersion, 'variants'>): number {
  const files = variants.flatMap((variant) => [...variant.files]);
  const sizes = new Map(files.map((file) => [file.digest, file.sizeBytes]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function entriesOf(map: string, values: Readonly<Record<string, string | number>>): FieldEntry[] {
  return Object.entries(values).map(([name, value]) => [`${map}.${name}`, fieldValue(value, map === 'parameters')]);
}

function fieldValue(value: string | number, isOpen: boolean): FieldValue {
  if (typeof value === 'number') return { number: value };
  const number = isOpen ? numberIn(value) : undefined;
  return number === undefined ? { text: value } : { text: value, number };
}

function distinct(field: string, values: readonly string[]): FieldEntry[] {
  return [...new Set(values)].map((text) => [field, { text }]);
}

function definedOnly(values: Record<string, string | number | undefined>): Record<string, FieldValue> {
  const known = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, fieldValue(value, false)]));
}

/** What belongs to a version and stands elsewhere. */
export interface VersionSurroundings {
  /** Names of the aliases that point at it. */
  readonly aliases: readonly string[];
  /** Of its model. */
  readonly owner: string | undefined;
}

/** Tells the values of a version's fields to a filter. */
export function versionFieldReader(
  version: ModelVersion,
  status: VersionStatus,
  { aliases, owner }: VersionSurroundings,
): FieldReader {
  const attributes = { ...versionAttributes(version, status), ...definedOnly({ owner }) };
  const entries = [...versionEntries(version), ...statusEntries(status), ...distinct('alias', aliases)];
  return (field) => {
    const attribute = attributes[field];
    if (attribute !== undefined) return [attribute];
    return entries.filter(([name]) => name === field).map(([, value]) => value);
  };
}
