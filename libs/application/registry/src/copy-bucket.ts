import { DomainError, isDomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { NewDigest } from './hashing.ts';
import { inLanes } from './in-lanes.ts';
import { type LoggedRecord, type LoggedState, readLoggedState, referencedBlobs } from './logged-state.ts';
import { objectKeys } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';
import { BUCKET_LAYOUT } from './open-bucket.ts';
import type { BucketIdentity, RecordCodec, SemanticVersionClaim } from './record-codec.ts';
import { RegistryRecords } from './registry-records.ts';
import { verifiedBytes } from './verified-bytes.ts';

/** What a copy tells while it goes on. */
export interface CopyProgress {
  /** @param total objects of that kind. */
  copied(what: 'blobs' | 'records' | 'log batches' | 'other objects', done: number, total: number): void;
}

/** What a copy holds, and how much of it was new. */
export interface CopyReport {
  /** The place in the log up to which everything is there. */
  readonly position: number;
  readonly versions: number;
  readonly blobs: number;
  readonly copiedBlobs: number;
  readonly copiedBytes: number;
}

/** What copies need beside the two stores. */
export interface CopyParts {
  readonly codec: RecordCodec;
  readonly newDigest: NewDigest;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly randomId: () => string;
}

const BLOBS_AT_ONCE = 4;
const RECORDS_AT_ONCE = 16;
/** Passing things: registrations in progress, condemnations, probes, the controllers' lease, what gateways have logged, and what was decided. */
const LEFT_OUT = ['uploads/', 'garbage/', 'probes/', 'controllers/', objectKeys.payloadLogs, 'access/decisions/'];
/** The batches of the audit log: an earlier copy has them as they are. */
const WRITTEN_ONCE = 'audit/';

/**
 * Copies a registry's bucket into another store while the registry works. The copy is the state at one place of the log: its records
 * are written as the log has them, so that no change is half in it. It is itself a bucket, and repeating the copy adds only what is new.
 *
 * @throws INPUT_INVALID when the target holds another bucket; ARTIFACT_CORRUPT, ARTIFACT_NOT_FOUND when the source is damaged.
 */
export async function backupBucket(
  source: ObjectStore,
  target: ObjectStore,
  parts: CopyParts,
  progress: CopyProgress,
): Promise<CopyReport> {
  const identity = await identityOf(source, parts.codec);
  if (identity === undefined) throw new DomainError('INPUT_INVALID', 'there is no registry in the bucket to back up');
  const present = await identityOf(target, parts.codec);
  if (present !== undefined && present.id !== identity.id) {
    throw new DomainError(
      'INPUT_INVALID',
      `the target holds a backup of another bucket (${present.id}, not ${identity.id}): choose an empty one`,
    );
  }
  return new BucketCopy(source, target, parts, progress).run(identity);
}

/**
 * Copies a backup into an empty bucket, which gets an identity of its own: indexes of the old one must not be taken for its. A
 * restore that was cut off is repeated and goes on where it was.
 *
 * @throws INPUT_INVALID when the bucket is not empty, or the backup holds nothing.
 */
export async function restoreBucket(
  backup: ObjectStore,
  target: ObjectStore,
  parts: CopyParts,
  progress: CopyProgress,
): Promise<CopyReport> {
  if ((await identityOf(backup, parts.codec)) === undefined) {
    throw new DomainError('INPUT_INVALID', 'there is no finished backup in the source: it has no slipway.json');
  }
  if ((await identityOf(target, parts.codec)) !== undefined) {
    throw new DomainError('INPUT_INVALID', 'the bucket holds a registry already: restore into an empty one');
  }
  const identity = { id: parts.randomId(), layout: BUCKET_LAYOUT, createdAt: parts.now() };
  return new BucketCopy(backup, target, parts, progress).run(identity);
}

async function identityOf(store: ObjectStore, codec: RecordCodec): Promise<BucketIdentity | undefined> {
  return (await new RegistryRecords(store, codec).read('identity', objectKeys.identity))?.record;
}

class BucketCopy {
  readonly #source: ObjectStore;
  readonly #target: ObjectStore;
  readonly #parts: CopyParts;
  readonly #progress: CopyProgress;
  #copiedBlobs = 0;
  #copiedBytes = 0;

  constructor(source: ObjectStore, target: ObjectStore, parts: CopyParts, progress: CopyProgress) {
    this.#source = source;
    this.#target = target;
    this.#parts = parts;
    this.#progress = progress;
  }

  /** What refers to something is written after it, and the identity last: a copy without one is unfinished. */
  async run(identity: BucketIdentity): Promise<CopyReport> {
    const { codec } = this.#parts;
    const state = await readLoggedState(new RegistryRecords(this.#source, codec));
    const blobs = await this.#copyBlobs(state);
    await this.#copyRecords(state);
    await this.#copyLog(state.position);
    await this.#copyOthers();
    await this.#target.put(objectKeys.identity, codec.encode('identity', identity));
    const versions = [...state.records.values()].filter(({ kind }) => kind === 'version').length;
    const { position } = state;
    return { position, versions, blobs, copiedBlobs: this.#copiedBlobs, copiedBytes: this.#copiedBytes };
  }

  async #copyBlobs(state: LoggedState): Promise<number> {
    const blobs = referencedBlobs(state);
    let done = 0;
    await inLanes(blobs, BLOBS_AT_ONCE, async ([digest, { sizeBytes, version, isWithdrawn }]) => {
      const isThere = await this.#copyBlob(digest, sizeBytes);
      if (!isThere && !isWithdrawn) {
        throw new DomainError('ARTIFACT_NOT_FOUND', `${version} refers to ${digest}, which is not in the source`);
      }
      done += 1;
      this.#progress.copied('blobs', done, blobs.size);
    });
    return blobs.size;
  }

  async #copyBlob(digest: Digest, sizeBytes: number): Promise<boolean> {
    const key = objectKeys.blob(digest);
    if ((await this.#target.head(key))?.sizeBytes === sizeBytes) return true;
    const bytes = await this.#source.getStream(key);
    if (bytes === undefined) return false;
    await this.#target.putStream(key, verifiedBytes(digest, bytes, this.#parts.newDigest), sizeBytes);
    this.#copiedBlobs += 1;
    this.#copiedBytes += sizeBytes;
    return true;
  }

  async #copyRecords({ records }: LoggedState): Promise<void> {
    let done = 0;
    await inLanes(records.values(), RECORDS_AT_ONCE, async (logged) => {
      const { codec } = this.#parts;
      const bytes = codec.encode(logged.kind, logged.record);
      if (logged.kind === 'version') await this.#create(logged.key, bytes);
      else await this.#target.put(logged.key, bytes);
      const claim = claimOf(logged);
      if (claim !== undefined) await this.#create(claim.key, codec.encode('claim', claim.record));
      done += 1;
      this.#progress.copied('records', done, records.size);
    });
  }

  async #copyLog(position: number): Promise<void> {
    const sequences = Array.from({ length: position }, (_, at) => at + 1);
    let done = 0;
    await inLanes(sequences, RECORDS_AT_ONCE, async (sequence) => {
      const key = objectKeys.batch(sequence);
      if ((await this.#target.head(key)) === undefined) await this.#copyObject(key);
      done += 1;
      this.#progress.copied('log batches', done, position);
    });
  }

  /** What other programs keep in the bucket, such as the controller's journals. */
  async #copyOthers(): Promise<void> {
    const ours = [objectKeys.blobs, objectKeys.namespaces, objectKeys.registry, objectKeys.log, ...LEFT_OUT];
    let done = 0;
    for await (const { key } of this.#source.list('')) {
      if (key === objectKeys.identity || ours.some((prefix) => key.startsWith(prefix))) continue;
      const isThere = key.startsWith(WRITTEN_ONCE) && (await this.#target.head(key)) !== undefined;
      if (!isThere) await this.#copyObject(key);
      done += 1;
      this.#progress.copied('other objects', done, done);
    }
  }

  async #copyObject(key: string): Promise<void> {
    const found = await this.#source.get(key);
    if (found !== undefined) await this.#target.put(key, found.bytes);
  }

  /** Writes an object that never changes, unless it is there. */
  async #create(key: string, bytes: Uint8Array): Promise<void> {
    await this.#target.put(key, bytes, { kind: 'absent' }).catch((error: unknown) => {
      if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
    });
  }
}

/** The claim of a version's semantic version: it follows from the version. */
function claimOf(logged: LoggedRecord): { key: string; record: SemanticVersionClaim } | undefined {
  if (logged.kind !== 'version') return undefined;
  const { namespace, model, metadata, draftId, contentDigest, createdAt } = logged.record;
  if (metadata.semanticVersion === undefined) return undefined;
  const key = objectKeys.semanticVersion(namespace, model, metadata.semanticVersion);
  return { key, record: { draftId, contentDigest, claimedAt: createdAt } };
}
