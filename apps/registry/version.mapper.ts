import type { DraftState, Page } from '#application/registry';
import { filesOf } from '#application/registry';
import { DomainError } from '#domain/errors';
import {
  type Alias,
  HARDWARE_TARGETS,
  MODEL_FORMATS,
  type Model,
  type ModelFile,
  type ModelVersion,
  PRECISIONS,
  parseDigest,
  type VariantDeclaration,
  type VersionMetadata,
} from '#domain/registry';
import type * as wire from '#generated/graphql';

/** Fields that their own resolvers fill in. */
export type ModelSource = Omit<wire.Model, 'versions' | 'latestVersion' | 'aliases'>;
export type VersionSource = Omit<wire.ModelVersion, 'aliases'>;

export function modelToWire(model: Model): ModelSource {
  return {
    namespace: model.namespace,
    name: model.name,
    description: model.description ?? null,
    labels: entriesOf(model.labels),
    createdAt: model.createdAt,
  };
}

export function versionToWire(version: ModelVersion): VersionSource {
  const { namespace, model, version: number, createdAt, metadata, signature, variants } = version;
  return {
    namespace,
    model,
    version: number,
    createdAt,
    description: metadata.description ?? null,
    metrics: entriesOf(metadata.metrics),
    parameters: entriesOf(metadata.parameters),
    labels: entriesOf(metadata.labels),
    trainingData: metadata.trainingData.map(({ name, uri, digest }) => ({
      name,
      uri: uri ?? null,
      digest: digest ?? null,
    })),
    sourceCommit: metadata.sourceCommit ?? null,
    parents: [...metadata.parents],
    inputs: signature.inputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    outputs: signature.outputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    variants: variants.map((variant) => ({
      target: upper(variant.target),
      precision: upper(variant.precision),
      format: upper(variant.format),
      producer: variant.producer,
      opsets: Object.entries(variant.opsets).map(([domain, opset]) => ({ domain, version: opset })),
      files: variant.files.map((file) => ({ ...file, downloadPath: `/v1/blobs/${file.digest}` })),
    })),
    uri: `slipway://${namespace}/${model}/${number}`,
  };
}

export function aliasToWire({ alias, version, updatedAt }: Alias): wire.Alias {
  return { alias, version, updatedAt };
}

export function draftToWire({ draft, missing, version }: DraftState): Omit<wire.VersionDraft, 'version'> & {
  version: VersionSource | null;
} {
  const folder = `/v1/namespaces/${draft.namespace}/models/${draft.model}/drafts/${draft.id}/blobs`;
  return {
    id: draft.id,
    namespace: draft.namespace,
    model: draft.model,
    createdAt: draft.createdAt,
    files: filesOf(draft).map((file) => ({
      ...file,
      isUploaded: !missing.has(file.digest),
      uploadPath: `${folder}/${file.digest}`,
    })),
    version: version === undefined ? null : versionToWire(version),
  };
}

export function pageInfoOf(page: Page<unknown>): wire.PageInfo {
  return { hasNextPage: page.hasNextPage, endCursor: page.endCursor ?? null };
}

/** @throws INPUT_INVALID */
export function metadataFromWire(input: wire.CreateVersionInput): VersionMetadata {
  return {
    ...(input.description == null ? {} : { description: input.description }),
    metrics: mapOf(input.metrics, 'metrics'),
    parameters: mapOf(input.parameters, 'parameters'),
    labels: mapOf(input.labels, 'labels'),
    trainingData: input.trainingData.map(({ name, uri, digest }, index) => ({
      name,
      ...(uri == null ? {} : { uri }),
      ...(digest == null ? {} : { digest: parseDigest(digest, `trainingData[${index}].digest`) }),
    })),
    ...(input.sourceCommit == null ? {} : { sourceCommit: input.sourceCommit }),
    parents: [...input.parents],
  };
}

/** @throws INPUT_INVALID */
export function variantsFromWire(inputs: readonly wire.VariantInput[]): VariantDeclaration[] {
  return inputs.map((input, index) => {
    const field = `variants[${index}]`;
    const [first, ...others] = input.files.map(
      ({ path, digest, sizeBytes }, at): ModelFile => ({
        path,
        digest: parseDigest(digest, `${field}.files[${at}].digest`),
        sizeBytes,
      }),
    );
    if (first === undefined) throw new DomainError('INPUT_INVALID', `${field}.files must not be empty`, { field });
    return {
      target: lower(HARDWARE_TARGETS, input.target),
      precision: lower(PRECISIONS, input.precision),
      format: lower(MODEL_FORMATS, input.format),
      files: [first, ...others],
    };
  });
}

/** @throws INPUT_INVALID when a name stands twice. */
export function mapOf<T>(entries: readonly { name: string; value: T }[], field: string): Record<string, T> {
  const map = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  if (Object.keys(map).length === entries.length) return map;
  throw new DomainError('INPUT_INVALID', `${field} names one entry twice`, { field });
}

function entriesOf<T>(map: Readonly<Record<string, T>>): { name: string; value: T }[] {
  return Object.entries(map).map(([name, value]) => ({ name, value }));
}

/** Enum values are upper case on the wire and lower case everywhere else. */
function upper<Word extends string>(word: Word): Uppercase<Word> {
  return word.toUpperCase() as Uppercase<Word>;
}

function lower<Word extends string>(words: readonly Word[], value: Uppercase<Word>): Word {
  const word = words.find((candidate) => candidate.toUpperCase() === value);
  if (word === undefined) throw new DomainError('INPUT_INVALID', `${value} is not one of ${words.join(', ')}`);
  return word;
}
