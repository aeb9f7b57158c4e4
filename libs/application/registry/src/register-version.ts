import { DomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import type {
  Actor,
  Digest,
  ModelFile,
  ModelName,
  ModelVersion,
  Namespace,
  Variant,
  VariantDeclaration,
  VersionDraft,
} from '#domain/registry';
import type { AllocateVersion } from './allocate-version.ts';
import type { Blobs } from './blobs.ts';
import { assertDeclaration, type VersionDeclaration } from './declaration.ts';
import type { EventLog } from './event-log.ts';
import { assertExternalDataIsOwn } from './external-data.ts';
import { digestOfText, type NewDigest } from './hashing.ts';
import type { ModelInspector } from './model-inspector.ts';
import { objectKeys } from './object-keys.ts';
import type { KnownFile, RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

const MAX_IDEMPOTENCY_KEY = 200;
/** The runtime opens a model file as a whole, and so does its inspection. */
const MAX_MODEL_FILE_BYTES = 2 ** 31 - 1;
/** A semantic version that was claimed so long ago by a registration that never ended is free again. */
const CLAIM_LIFETIME_MS = 24 * 3_600_000;

/** A model to register a version of, and what decides whether two requests mean the same. */
export interface DraftRequest extends VersionDeclaration {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly actor: Actor;
  /** The same key always means the same draft. Without one, `randomId` makes every request a new draft. */
  readonly idempotencyKey: string | undefined;
  /** Whether to register at once when every file is there. */
  readonly finalizes: boolean;
}

/** A draft, which of its files still have to be uploaded, and the version that it became. */
export interface DraftState {
  readonly draft: VersionDraft;
  readonly missing: ReadonlySet<Digest>;
  readonly version: ModelVersion | undefined;
}

/** Names a draft. */
export interface DraftName {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly draftId: string;
}

/** What the use case takes from outside. */
export interface RegistrationParts {
  readonly records: RegistryRecords;
  readonly index: RegistryIndex;
  readonly log: EventLog;
  readonly allocation: AllocateVersion;
  readonly blobs: Blobs;
  readonly inspector: ModelInspector;
  readonly newDigest: NewDigest;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly randomId: () => string;
}

/**
 * Registers versions: declare, upload, finalise; or all at once when the bytes are there already. Each call may be repeated at any
 * point, after any crash, at any replica, by several clients at once, and the same draft becomes the same version.
 */
export class RegisterVersion {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /**
   * Declares a version.
   *
   * @throws MODEL_NOT_FOUND, INPUT_INVALID
   * @throws IDEMPOTENCY_KEY_REUSED when the key stands for other content.
   * @throws SEMANTIC_VERSION_TAKEN, and with `finalizes` whatever {@link finalize} throws.
   */
  async declare(request: DraftRequest): Promise<DraftState> {
    const draft = this.#draftOf(request);
    const done = await this.#versionOf(draft, request.idempotencyKey !== undefined);
    if (done !== undefined) return this.#repeated(draft, done, request.idempotencyKey);
    await this.#assertModelAndParents(draft);
    await this.#claimSemanticVersion(draft);
    const missing = await this.#missingOf(draft);
    if (request.finalizes && missing.size === 0) {
      return { draft, missing, version: await this.#register(draft) };
    }
    const { namespace, model, id } = draft;
    if (await this.#parts.records.create('draft', objectKeys.draft(namespace, model, id), draft)) {
      return { draft, missing, version: undefined };
    }
    const name = { namespace, model, draftId: id };
    const existing = await this.#findDraft(name);
    if (existing === undefined) return this.#repeated(draft, await this.#finalized(name), request.idempotencyKey);
    assertSameContent(existing.contentDigest, draft, request.idempotencyKey);
    return { draft: existing, missing, version: undefined };
  }

  /**
   * Takes the bytes of one declared file.
   *
   * @returns false when the registry had them already; the stream is then left unread.
   * @throws DRAFT_NOT_FOUND, FILE_NOT_DECLARED, DIGEST_MISMATCH, SIZE_MISMATCH
   */
  async upload(
    name: DraftName,
    digest: Digest,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number | undefined,
  ): Promise<boolean> {
    const file = await this.declaredFile(name, digest);
    if (sizeBytes !== undefined && sizeBytes !== file.sizeBytes) {
      throw new DomainError(
        'SIZE_MISMATCH',
        `${file.path}: ${sizeBytes} bytes announced, declared were ${file.sizeBytes}`,
      );
    }
    return this.#parts.blobs.write(file, bytes);
  }

  /** Who declared a draft. @throws DRAFT_NOT_FOUND */
  async authorOf(name: DraftName): Promise<Actor> {
    return (await this.#declared(name)).createdBy;
  }

  /** The file that a draft declares under a digest. @throws DRAFT_NOT_FOUND, FILE_NOT_DECLARED */
  async declaredFile(name: DraftName, digest: Digest): Promise<ModelFile> {
    const { model, draftId } = name;
    const declared = await this.#declared(name);
    const file = filesOf(declared).find((candidate) => candidate.digest === digest);
    if (file !== undefined) return file;
    throw new DomainError('FILE_NOT_DECLARED', `draft ${draftId} of ${model} declares no file with ${digest}`);
  }

  /**
   * Makes a draft the next version of its model.
   *
   * @throws DRAFT_NOT_FOUND, DRAFT_INCOMPLETE, MODEL_FILE_INVALID, SIGNATURE_MISMATCH, ARTIFACT_CORRUPT
   */
  async finalize(name: DraftName): Promise<ModelVersion> {
    const { namespace, model, draftId } = name;
    const known = this.#parts.index.versionOfDraft(namespace, model, draftId);
    if (known !== undefined) return known;
    const draft = await this.#findDraft(name);
    if (draft === undefined) return this.#finalized(name);
    const done = await this.#versionOf(draft, true);
    if (done !== undefined) return done;
    const missing = await this.#missingOf(draft);
    if (missing.size > 0) throw incomplete(draft, missing);
    const version = await this.#register(draft);
    // Its version answers for it from now on.
    await this.#parts.records.remove(objectKeys.draft(namespace, model, draftId));
    return version;
  }

  /** A draft, or the version that it became: an upload that comes after that, here or at another replica, finds its bytes there. */
  async #declared(name: DraftName): Promise<VersionDraft | ModelVersion> {
    const { namespace, model, draftId } = name;
    return (
      this.#parts.index.versionOfDraft(namespace, model, draftId) ??
      (await this.#findDraft(name)) ??
      (await this.#finalized(name))
    );
  }

  async #findDraft({ namespace, model, draftId }: DraftName): Promise<VersionDraft | undefined> {
    if (!/^[A-Za-z0-9-]{1,64}$/.test(draftId)) return undefined;
    return (await this.#parts.records.read('draft', objectKeys.draft(namespace, model, draftId)))?.record;
  }

  /** The version of a draft that another client or replica finalised, and removed. @throws DRAFT_NOT_FOUND */
  async #finalized(name: DraftName): Promise<ModelVersion> {
    await this.#parts.log.catchUp();
    const version = this.#parts.index.versionOfDraft(name.namespace, name.model, name.draftId);
    if (version !== undefined) return version;
    throw draftNotFound(name);
  }

  #draftOf(request: DraftRequest): VersionDraft {
    const { now, newDigest } = this.#parts;
    const { namespace, model, idempotencyKey, metadata, variants, actor } = request;
    const signature = request.signature === undefined ? {} : { signature: request.signature };
    assertDeclaration({ metadata, variants, ...signature });
    if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_IDEMPOTENCY_KEY)) {
      const field = 'input.idempotencyKey';
      throw new DomainError('INPUT_INVALID', `${field} must have 1 to ${MAX_IDEMPOTENCY_KEY} characters`, { field });
    }
    const content = JSON.stringify({ metadata, variants, ...signature });
    return {
      id: this.#draftId(request),
      namespace,
      model,
      createdAt: now(),
      createdBy: actor,
      contentDigest: digestOfText(newDigest, content),
      metadata,
      variants,
      ...signature,
    };
  }

  /** The version that a draft became, if the log knows of it. */
  async #versionOf({ namespace, model, id }: VersionDraft, mayExist: boolean): Promise<ModelVersion | undefined> {
    const { index, log } = this.#parts;
    const known = index.versionOfDraft(namespace, model, id);
    if (known !== undefined || !mayExist) return known;
    await log.catchUp();
    return index.versionOfDraft(namespace, model, id);
  }

  #repeated(draft: VersionDraft, version: ModelVersion, idempotencyKey: string | undefined): DraftState {
    assertSameContent(version.contentDigest, draft, idempotencyKey);
    return { draft, missing: new Set(), version };
  }

  async #register(draft: VersionDraft): Promise<ModelVersion> {
    const { signature, variants } = await this.#inspect(draft);
    const { namespace, model, id: draftId, contentDigest, metadata, createdBy } = draft;
    const createdAt = this.#parts.now();
    const version = await this.#parts.allocation.allocate({
      namespace,
      model,
      draftId,
      contentDigest,
      createdAt,
      createdBy,
      metadata,
      signature,
      variants,
    });
    if (version.contentDigest !== contentDigest) assertSameContent(version.contentDigest, draft, draft.id);
    return version;
  }

  async #missingOf(draft: VersionDraft): Promise<Set<Digest>> {
    const missing = new Set<Digest>();
    for (const file of filesOf(draft)) {
      if (!(await this.#parts.blobs.has(file))) missing.add(file.digest);
    }
    return missing;
  }

  async #inspect(draft: VersionDraft): Promise<{ signature: ModelSignature; variants: Variant[] }> {
    let signature = draft.signature;
    let source = 'the declared signature';
    const variants: Variant[] = [];
    for (const [index, declared] of draft.variants.entries()) {
      if (!this.#parts.inspector.canRead(declared.format)) {
        variants.push({ ...declared, opsets: {}, producer: '' });
        continue;
      }
      const inspection = await this.#inspectVariant(declared);
      if (signature === undefined) source = 'the variants before it';
      signature ??= inspection.signature;
      assertSameSignature(signature, source, inspection.signature, `variants[${index}]`, declared);
      const { opsets, producer, summary } = inspection;
      variants.push({ ...declared, opsets, producer, summary });
    }
    return { signature: signature ?? { inputs: [], outputs: [] }, variants };
  }

  async #inspectVariant(declared: VariantDeclaration): Promise<KnownFile> {
    const [main] = declared.files;
    const known = declared.files.length === 1 ? this.#parts.index.knownFile(declared.format, main.digest) : undefined;
    if (known !== undefined) return known;
    if (main.sizeBytes > MAX_MODEL_FILE_BYTES) {
      throw new DomainError('MODEL_FILE_INVALID', `${main.path} is larger than ${MAX_MODEL_FILE_BYTES} bytes`);
    }
    const bytes = await this.#parts.blobs.verifiedStream(main.digest);
    if (bytes === undefined) throw new DomainError('ARTIFACT_NOT_FOUND', `no bytes are stored for ${main.path}`);
    const inspection = await this.#parts.inspector.inspect(declared.format, bytes, main.sizeBytes);
    assertExternalDataIsOwn(inspection.external, declared);
    return inspection;
  }

  async #assertModelAndParents({ namespace, model, metadata }: VersionDraft): Promise<void> {
    const { index, log } = this.#parts;
    const highest = Math.max(0, ...metadata.parents);
    const isKnown = () =>
      index.model(namespace, model) !== undefined && index.latestNumber(namespace, model) >= highest;
    if (!isKnown()) await log.catchUp();
    if (index.model(namespace, model) === undefined) {
      throw new DomainError('MODEL_NOT_FOUND', `namespace ${namespace} has no model ${model}: create it first`);
    }
    if (isKnown()) return;
    throw new DomainError('MODEL_VERSION_NOT_FOUND', `input.parents: ${model} has no version ${highest}`, {
      field: 'input.parents',
    });
  }

  async #claimSemanticVersion(draft: VersionDraft): Promise<void> {
    const { namespace, model, id: draftId, contentDigest } = draft;
    const { semanticVersion } = draft.metadata;
    if (semanticVersion === undefined) return;
    const { records, index, now } = this.#parts;
    const key = objectKeys.semanticVersion(namespace, model, semanticVersion);
    const claim = { draftId, contentDigest, claimedAt: now() };
    if (await records.create('claim', key, claim)) return;
    const found = await records.read('claim', key);
    if (found === undefined || found.record.draftId === draftId) return;
    const isAbandoned =
      index.versionOfDraft(namespace, model, found.record.draftId) === undefined &&
      Date.parse(claim.claimedAt) - Date.parse(found.record.claimedAt) > CLAIM_LIFETIME_MS;
    if (isAbandoned && (await records.write('claim', key, claim, { kind: 'matches', etag: found.etag }))) return;
    throw new DomainError('SEMANTIC_VERSION_TAKEN', `${model} has a version ${semanticVersion} already`, {
      field: 'input.semanticVersion',
    });
  }

  #draftId({ namespace, model, idempotencyKey }: DraftRequest): string {
    if (idempotencyKey === undefined) return this.#parts.randomId();
    const digest = digestOfText(this.#parts.newDigest, JSON.stringify([namespace, model, idempotencyKey]));
    return digest.slice('sha256:'.length, 'sha256:'.length + 32);
  }
}

/** Every file of a draft or a version, over all variants. */
export function filesOf({ variants }: Pick<VersionDraft, 'variants'>): ModelFile[] {
  return variants.flatMap((variant) => [...variant.files]);
}

function assertSameContent(stored: Digest, draft: VersionDraft, idempotencyKey: string | undefined): void {
  if (stored === draft.contentDigest) return;
  throw new DomainError(
    'IDEMPOTENCY_KEY_REUSED',
    `idempotency key ${JSON.stringify(idempotencyKey)} was used for ${draft.model} before, with other content: choose another key`,
    { field: 'input.idempotencyKey' },
  );
}

function incomplete(draft: VersionDraft, missing: ReadonlySet<Digest>): DomainError {
  const paths = filesOf(draft)
    .filter((file) => missing.has(file.digest))
    .map((file) => file.path);
  const names = paths.slice(0, 5).join(', ');
  return new DomainError('DRAFT_INCOMPLETE', `${paths.length} declared files were not uploaded: ${names}`, {
    missing: paths,
  });
}

function draftNotFound({ model, draftId }: DraftName): DomainError {
  return new DomainError('DRAFT_NOT_FOUND', `${model} has no draft ${JSON.stringify(draftId.slice(0, 64))}`);
}

function assertSameSignature(
  first: ModelSignature,
  firstName: string,
  other: ModelSignature,
  field: string,
  variant: VariantDeclaration,
): void {
  if (JSON.stringify(first) === JSON.stringify(other)) return;
  const name = `${variant.target}/${variant.precision}`;
  throw new DomainError(
    'SIGNATURE_MISMATCH',
    `${field} (${name}) has other inputs or outputs than ${firstName}: ${describe(other)} instead of ${describe(first)}`,
    { field },
  );
}

function describe({ inputs, outputs }: ModelSignature): string {
  const list = (specs: ModelSignature['inputs']) =>
    specs.map((spec) => `${spec.name} ${spec.datatype}[${spec.shape.join(',')}]`).join(', ');
  return `(${list(inputs)}) → (${list(outputs)})`;
}
