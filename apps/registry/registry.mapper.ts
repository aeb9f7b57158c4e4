import { type DirectRequest, type DraftState, filesOf, type IndexedVersion } from '#application/registry';
import type { JournalEntry } from '#application/rollout';
import { DomainError } from '#domain/errors';
import { isDatatype, type ModelSignature, type TensorSpec } from '#domain/inference';
import {
  type Alias,
  EVENT_ACTIONS,
  type EventAction,
  HARDWARE_TARGETS,
  isKnownFormat,
  type Model,
  type ModelFile,
  type NamespaceRecord,
  PRECISIONS,
  parseDigest,
  parseModelFormat,
  parseSemanticVersion,
  type RegistryEvent,
  STAGES,
  type Stage,
  sizeOf,
  type VariantDeclaration,
  type VersionMetadata,
} from '#domain/registry';
import { judgeSignature, type Signers } from '#domain/signing';
import type * as wire from '#generated/graphql';

/** Fields that their own resolvers fill in. */
export type ModelSource = Omit<wire.Model, 'versions' | 'latestVersion' | 'aliases'>;
/** The index gives all of a version at once; what of it is shown depends on who asks. */
export type VersionSource = Omit<wire.ModelVersion, 'signatures'> & { readonly indexed: IndexedVersion };

export function namespaceToWire({ namespace, labels, approvalStages, ...record }: NamespaceRecord): wire.Namespace {
  return {
    ...record,
    name: namespace,
    description: record.description ?? null,
    owner: record.owner ?? null,
    labels: entriesOf(labels),
    approvalStages: approvalStages.map(upper),
  };
}

export function modelToWire({ labels, ...model }: Model): ModelSource {
  return {
    ...model,
    description: model.description ?? null,
    owner: model.owner ?? null,
    card: model.card ?? null,
    labels: entriesOf(labels),
  };
}

export function versionToWire(indexed: IndexedVersion): VersionSource {
  const { version: record, status, aliases } = indexed;
  const { namespace, model, version: number, createdAt, createdBy, metadata, signature, variants } = record;
  const { pendingStage } = status;
  return {
    namespace,
    model,
    version: number,
    semanticVersion: metadata.semanticVersion ?? null,
    createdAt,
    createdBy,
    sizeBytes: sizeOf(record),
    aliases: [...aliases],
    annotations: entriesOf(status.annotations),
    stage: upper(status.stage),
    pendingStage:
      pendingStage === undefined
        ? null
        : { stage: upper(pendingStage.to), by: pendingStage.by, at: pendingStage.at, reason: pendingStage.reason },
    deprecation: status.deprecation ?? null,
    tombstone: status.tombstone ?? null,
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
      format: isKnownFormat(variant.format) ? upper(variant.format) : variant.format,
      producer: variant.producer,
      summary:
        variant.summary === undefined
          ? null
          : {
              ...variant.summary,
              operators: Object.entries(variant.summary.operators).map(([name, count]) => ({ name, count })),
            },
      opsets: Object.entries(variant.opsets).map(([domain, opset]) => ({ domain, version: opset })),
      files: variant.files.map((file) => ({ ...file, downloadPath: `/v1/blobs/${file.digest}`, directDownload: null })),
    })),
    uri: `slipway://${namespace}/${model}/${number}`,
    indexed,
  };
}

/** A version's signatures, with what is to be thought of them here and now: signers come and go. */
export function signaturesToWire({ version, status }: IndexedVersion, signers: Signers): wire.VersionSignature[] {
  return (status.signatures ?? []).map(({ bundle, by, at }) => {
    const verdict = judgeSignature(signers, bundle, version);
    return {
      bundle,
      keyId: verdict.kind === 'invalid' ? '' : verdict.keyId,
      signer: verdict.kind === 'signed' ? verdict.signer : null,
      problem: verdict.kind === 'signed' ? null : verdict.reason,
      by,
      at,
    };
  });
}

export function aliasToWire({ history, ...alias }: Alias): wire.Alias {
  return { ...alias, history: [...history] };
}

/** @param showsContent whether the one who asks may see all of the record that it is about. */
export function eventToWire(event: RegistryEvent, showsContent: boolean): wire.RegistryEvent {
  const { id, action, at, actor, kind, before, after } = event;
  return {
    id,
    action: upper(action).replaceAll('-', '_') as wire.EventAction,
    at,
    actor,
    namespace: after.namespace,
    model: kind === 'namespace' ? null : kind === 'model' ? after.name : after.model,
    version: 'version' in after ? after.version : null,
    alias: kind === 'alias' ? after.alias : null,
    before: showsContent ? before : null,
    after: showsContent ? after : null,
  };
}

export function eventActionFromWire(action: wire.EventAction): EventAction {
  return lower(EVENT_ACTIONS, action.replaceAll('_', '-') as Uppercase<EventAction>);
}

export function directToWire({ method, url, headers }: DirectRequest): wire.DirectRequest {
  return { method, url, headers: Object.entries(headers).map(([name, value]) => ({ name, value })) };
}

export function rolloutToWire({ namespace, name, state }: JournalEntry): wire.RolloutStatus {
  const { stable, candidate, lastRollout } = state;
  const inUse = candidate ?? stable;
  return {
    namespace,
    deployment: name,
    phase: candidate !== undefined ? 'progressing' : stable !== undefined ? 'stable' : 'pending',
    model: inUse?.servable.model ?? null,
    stableVersion: stable?.servable.version ?? null,
    candidateVersion: candidate?.servable.version ?? null,
    weightPercent: candidate?.weightPercent ?? 0,
    lastOutcome: lastRollout?.outcome ?? null,
    lastReason: lastRollout?.reason ?? null,
  };
}

export function draftToWire({ draft, missing }: DraftState): Omit<wire.VersionDraft, 'version'> {
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
      directUpload: null,
    })),
  };
}

/** @throws INPUT_INVALID */
export function metadataFromWire(input: wire.CreateVersionInput): VersionMetadata {
  return {
    ...(input.description == null ? {} : { description: input.description }),
    metrics: mapOf(input.metrics, 'input.metrics'),
    parameters: mapOf(input.parameters, 'input.parameters'),
    labels: mapOf(input.labels, 'input.labels'),
    trainingData: input.trainingData.map(({ name, uri, digest }, index) => ({
      name,
      ...(uri == null ? {} : { uri }),
      ...(digest == null ? {} : { digest: parseDigest(digest, `input.trainingData[${index}].digest`) }),
    })),
    ...(input.semanticVersion == null
      ? {}
      : { semanticVersion: parseSemanticVersion(input.semanticVersion, 'input.semanticVersion') }),
    ...(input.sourceCommit == null ? {} : { sourceCommit: input.sourceCommit }),
    parents: [...input.parents],
  };
}

/** @throws INPUT_INVALID */
export function variantsFromWire(inputs: readonly wire.VariantInput[]): VariantDeclaration[] {
  return inputs.map((input, index) => {
    const field = `input.variants[${index}]`;
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
      format: parseModelFormat(input.format.toLowerCase(), `${field}.format`),
      files: [first, ...others],
    };
  });
}

/** @throws INPUT_INVALID */
export function signatureFromWire(input: wire.SignatureInput): ModelSignature {
  return {
    inputs: specsFromWire(input.inputs, 'input.signature.inputs'),
    outputs: specsFromWire(input.outputs, 'input.signature.outputs'),
  };
}

function specsFromWire(inputs: readonly wire.TensorSpecInput[], field: string): TensorSpec[] {
  return inputs.map(({ name, datatype, shape }, index) => {
    const at = `${field}[${index}]`;
    if (!isDatatype(datatype)) {
      const problem = `${at}.datatype ${JSON.stringify(datatype.slice(0, 20))} is no datatype of the Open Inference Protocol`;
      throw new DomainError('INPUT_INVALID', problem, { field: `${at}.datatype` });
    }
    const wrong = shape.find((axis) => axis === 0 || axis < -1);
    if (wrong === undefined) return { name, datatype, shape };
    throw new DomainError('INPUT_INVALID', `${at}.shape has an axis of ${wrong}: use a size, or -1 for any`, {
      field: `${at}.shape`,
    });
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

export function stageFromWire(stage: wire.Stage): Stage {
  return lower(STAGES, stage);
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
