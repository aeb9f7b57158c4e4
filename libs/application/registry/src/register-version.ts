import { DomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import type {
  Digest,
  ModelFile,
  ModelName,
  ModelVersion,
  Namespace,
  Variant,
  VariantDeclaration,
  VersionDraft,
} from '#domain/registry';
import type { Blobs } from './blobs.ts';
import { assertDeclaration, type VersionDeclaration } from './declaration.ts';
import type { NewDigest } from './hashing.ts';
import type { ModelInspector } from './model-inspector.ts';
import { objectKeys } from './object-keys.ts';
import type { RegistryRecords } from './registry-records.ts';

const MAX_IDEMPOTENCY_KEY = 200;
/** The runtime opens a model file as a whole, and so does its inspection. */
const MAX_MODEL_FILE_BYTES = 2 ** 31 - 1;

/** A model to register a version of, and what decides whether two requests mean the same. */
export interface DraftRequest extends VersionDeclaration {
  readonly namespace: Namespace;
  readonly model: ModelName;
  /** The same key always means the same draft. Without one, `randomId` makes every request a new draft. */
  readonly idempotencyKey: string | undefined;
}

/** A draft, which of its files still have to be uploaded, and the version that it became. */
export interface DraftState {
  readonly draft: VersionDraft;
  readonly missing: ReadonlySet<Digest>;
  readonly version: ModelVersion | undefined;
}

/** What the use case takes from outside. */
export interface RegistrationParts {
  readonly records: RegistryRecords;
  readonly blobs: Blobs;
  readonly inspector: ModelInspector;
  readonly newDigest: NewDigest;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly randomId: () => string;
}

/**
 * Registers versions: declare, upload, finalise. Each call may be repeated at any point, after any crash, by several clients at
 * once, and the same draft becomes the same version.
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
   */
  async declare(request: DraftRequest): Promise<DraftState> {
    const { records, now } = this.#parts;
    const { namespace, model, idempotencyKey, metadata, variants } = request;
    assertDeclaration({ metadata, variants });
    if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_IDEMPOTENCY_KEY)) {
      const field = 'idempotencyKey';
      throw new DomainError('INPUT_INVALID', `${field} must have 1 to ${MAX_IDEMPOTENCY_KEY} characters`, { field });
    }
    await records.requireModel(namespace, model);
    const numbers = await records.versionNumbers(namespace, model);
    this.#assertParentsExist(metadata.parents, numbers);

    const id = this.#draftId(request);
    const draft: VersionDraft = {
      id,
      namespace,
      model,
      createdAt: now(),
      numbersTakenUpTo: numbers[0] ?? 0,
      contentDigest: this.#digestOf(JSON.stringify({ metadata, variants })),
      metadata,
      variants,
    };
    if (await records.create('draft', objectKeys.draft(namespace, model, id), draft)) return this.#stateOf(draft);
    const existing = await this.requireDraft(namespace, model, id);
    if (existing.contentDigest !== draft.contentDigest) {
      throw new DomainError(
        'IDEMPOTENCY_KEY_REUSED',
        `idempotency key ${JSON.stringify(idempotencyKey)} was used for ${model} before, with other content: choose another key`,
        { field: 'idempotencyKey' },
      );
    }
    return this.#stateOf(existing);
  }

  /**
   * Takes the bytes of one declared file.
   *
   * @returns false when the registry had them already; the stream is then left unread.
   * @throws DRAFT_NOT_FOUND, FILE_NOT_DECLARED, DIGEST_MISMATCH, SIZE_MISMATCH
   */
  async upload(
    draftOf: { readonly namespace: Namespace; readonly model: ModelName; readonly draftId: string },
    digest: Digest,
    bytes: AsyncIterable<Uint8Array>,
    sizeBytes: number | undefined,
  ): Promise<boolean> {
    const draft = await this.requireDraft(draftOf.namespace, draftOf.model, draftOf.draftId);
    const file = filesOf(draft).find((candidate) => candidate.digest === digest);
    if (file === undefined) {
      throw new DomainError('FILE_NOT_DECLARED', `draft ${draft.id} of ${draft.model} declares no file with ${digest}`);
    }
    if (sizeBytes !== undefined && sizeBytes !== file.sizeBytes) {
      throw new DomainError(
        'SIZE_MISMATCH',
        `${file.path}: ${sizeBytes} bytes announced, declared were ${file.sizeBytes}`,
      );
    }
    return this.#parts.blobs.write(file, bytes);
  }

  /**
   * Makes a draft the next version of its model.
   *
   * @throws DRAFT_NOT_FOUND, DRAFT_INCOMPLETE, MODEL_FILE_INVALID, SIGNATURE_MISMATCH, ARTIFACT_CORRUPT
   */
  async finalize(namespace: Namespace, model: ModelName, draftId: string): Promise<ModelVersion> {
    const draft = await this.requireDraft(namespace, model, draftId);
    const done = await this.#versionOf(draft);
    if (done !== undefined) return done;
    await this.#assertComplete(draft);
    const { signature, variants } = await this.#inspect(draft);
    return this.#allocate(draft, signature, variants);
  }

  /** @throws DRAFT_NOT_FOUND */
  async requireDraft(namespace: Namespace, model: ModelName, draftId: string): Promise<VersionDraft> {
    const isId = /^[A-Za-z0-9-]{1,64}$/.test(draftId);
    const draft = isId ? await this.#parts.records.draft(namespace, model, draftId) : undefined;
    if (draft !== undefined) return draft;
    throw new DomainError('DRAFT_NOT_FOUND', `${model} has no draft ${JSON.stringify(draftId.slice(0, 64))}`);
  }

  async #stateOf(draft: VersionDraft): Promise<DraftState> {
    const version = await this.#versionOf(draft);
    const missing = new Set<Digest>();
    if (version !== undefined) return { draft, missing, version };
    for (const file of filesOf(draft)) if (!(await this.#parts.blobs.has(file))) missing.add(file.digest);
    return { draft, missing, version };
  }

  /**
   * The version that a draft became. Numbers are taken densely from `numbersTakenUpTo` on, so the walk meets it before the first
   * free number or not at all.
   */
  async #versionOf(draft: VersionDraft): Promise<ModelVersion | undefined> {
    for (let number = draft.numbersTakenUpTo + 1; ; number += 1) {
      const version = await this.#parts.records.version(draft.namespace, draft.model, number);
      if (version === undefined || version.draftId === draft.id) return version;
    }
  }

  /**
   * Takes the first free number. Of several writers of one number the store lets one win; a loser looks whether the winner was
   * this very draft, in another request or before a crash, and goes on to the next number only if not. So numbers are dense and
   * unique, and one draft never takes two.
   */
  async #allocate(draft: VersionDraft, signature: ModelSignature, variants: readonly Variant[]): Promise<ModelVersion> {
    const { records, now } = this.#parts;
    const { namespace, model, id: draftId, metadata } = draft;
    for (let number = draft.numbersTakenUpTo + 1; ; number += 1) {
      const version: ModelVersion = {
        namespace,
        model,
        version: number,
        draftId,
        createdAt: now(),
        metadata,
        signature,
        variants,
      };
      if (await records.create('version', objectKeys.version(namespace, model, number), version)) return version;
      const taken = await records.version(namespace, model, number);
      if (taken?.draftId === draftId) return taken;
    }
  }

  async #assertComplete(draft: VersionDraft): Promise<void> {
    const missing: string[] = [];
    for (const file of filesOf(draft)) if (!(await this.#parts.blobs.has(file))) missing.push(file.path);
    if (missing.length === 0) return;
    const names = missing.slice(0, 5).join(', ');
    throw new DomainError('DRAFT_INCOMPLETE', `${missing.length} declared files were not uploaded: ${names}`, {
      missing,
    });
  }

  async #inspect(draft: VersionDraft): Promise<{ signature: ModelSignature; variants: Variant[] }> {
    let signature: ModelSignature | undefined;
    const variants: Variant[] = [];
    for (const [index, declared] of draft.variants.entries()) {
      const [main] = declared.files;
      if (main.sizeBytes > MAX_MODEL_FILE_BYTES) {
        throw new DomainError('MODEL_FILE_INVALID', `${main.path} is larger than ${MAX_MODEL_FILE_BYTES} bytes`);
      }
      const inspection = this.#parts.inspector.inspect(declared.format, await this.#parts.blobs.read(main));
      signature ??= inspection.signature;
      assertSameSignature(signature, inspection.signature, `variants[${index}]`, declared);
      variants.push({ ...declared, opsets: inspection.opsets, producer: inspection.producer });
    }
    if (signature === undefined) throw new DomainError('INPUT_INVALID', 'variants must have at least one entry');
    return { signature, variants };
  }

  #assertParentsExist(parents: readonly number[], numbers: readonly number[]): void {
    const absent = parents.find((parent) => !numbers.includes(parent));
    if (absent === undefined) return;
    throw new DomainError('MODEL_VERSION_NOT_FOUND', `parents: the model has no version ${absent}`, {
      field: 'parents',
    });
  }

  #draftId({ namespace, model, idempotencyKey }: DraftRequest): string {
    if (idempotencyKey === undefined) return this.#parts.randomId();
    return this.#digestOf(JSON.stringify([namespace, model, idempotencyKey])).slice(
      'sha256:'.length,
      'sha256:'.length + 32,
    );
  }

  #digestOf(text: string): Digest {
    const running = this.#parts.newDigest();
    running.update(new TextEncoder().encode(text));
    return running.digest();
  }
}

/** Every file of a draft, over all variants. */
export function filesOf(draft: VersionDraft): ModelFile[] {
  return draft.variants.flatMap((variant) => [...variant.files]);
}

function assertSameSignature(
  first: ModelSignature,
  other: ModelSignature,
  field: string,
  variant: VariantDeclaration,
): void {
  if (JSON.stringify(first) === JSON.stringify(other)) return;
  const name = `${variant.target}/${variant.precision}`;
  throw new DomainError(
    'SIGNATURE_MISMATCH',
    `${field} (${name}) has other inputs or outputs than the first variant: ${describe(other)} instead of ${describe(first)}`,
    { field },
  );
}

function describe({ inputs, outputs }: ModelSignature): string {
  const list = (specs: ModelSignature['inputs']) =>
    specs.map((spec) => `${spec.name} ${spec.datatype}[${spec.shape.join(',')}]`).join(', ');
  return `(${list(inputs)}) → (${list(outputs)})`;
}
