import { isDomainError } from '#domain/errors';
import { type Digest, revisionOf } from '#domain/registry';
import type { NewDigest } from './hashing.ts';
import { inLanes } from './in-lanes.ts';
import { type LoggedRecord, type LoggedState, readLoggedState, referencedBlobs } from './logged-state.ts';
import { objectKeys, recordPlaceOf } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';
import type { RecordCodec } from './record-codec.ts';
import { RegistryRecords } from './registry-records.ts';

/** Something in a bucket that is not as it must be. */
export interface BucketProblem {
  readonly key: string;
  readonly message: string;
}

/** What a bucket holds, and what is wrong with it. */
export interface VerifyReport {
  /** Sequence of the log's last batch. */
  readonly position: number;
  readonly versions: number;
  readonly blobs: number;
  /** Bytes that were read again. */
  readonly readBytes: number;
  /** Blobs that no version refers to: registrations in progress, or waiting for the garbage collection. */
  readonly unreferencedBlobs: number;
  readonly problems: readonly BucketProblem[];
}

/** What a verification needs. */
export interface VerifyParts {
  readonly codec: RecordCodec;
  readonly newDigest: NewDigest;
  /** Whether to compare sizes only, and leave the bytes unread. */
  readonly isQuick: boolean;
  readonly onProgress: (what: 'records' | 'blobs', done: number, total: number) => void;
}

const RECORDS_AT_ONCE = 16;
const BLOBS_AT_ONCE = 4;

/**
 * Reads everything that a bucket holds and checks it against itself: the log has no gap, each record is the one in the log and no other is
 * there, numbers are dense, aliases point at versions, and each blob has the size and the digest by which versions refer to it.
 *
 * Meant for a bucket at rest; in one that is written to meanwhile, what happens after the log was read may be reported.
 */
export async function verifyBucket(store: ObjectStore, parts: VerifyParts): Promise<VerifyReport> {
  return new BucketVerification(store, parts).run();
}

class BucketVerification {
  readonly #store: ObjectStore;
  readonly #records: RegistryRecords;
  readonly #parts: VerifyParts;
  readonly #problems: BucketProblem[] = [];
  #readBytes = 0;

  constructor(store: ObjectStore, parts: VerifyParts) {
    this.#store = store;
    this.#records = new RegistryRecords(store, parts.codec);
    this.#parts = parts;
  }

  async run(): Promise<VerifyReport> {
    await this.#checkIdentity();
    const state = await this.#readState();
    await this.#checkLogEnd(state);
    await this.#checkRecords(state);
    await this.#checkStrangers(state);
    this.#checkReferences(state);
    const { blobs, unreferenced } = await this.#checkBlobs(state);
    const versions = [...state.records.values()].filter(({ kind }) => kind === 'version').length;
    const problems = this.#problems.toSorted((left, right) => (left.key < right.key ? -1 : 1));
    const { position } = state;
    return { position, versions, blobs, readBytes: this.#readBytes, unreferencedBlobs: unreferenced, problems };
  }

  #report(key: string, message: string): void {
    this.#problems.push({ key, message });
  }

  async #checkIdentity(): Promise<void> {
    const found = await this.#readable(() => this.#records.read('identity', objectKeys.identity), objectKeys.identity);
    if (found === undefined)
      this.#report(objectKeys.identity, 'is missing: this is no registry, or a copy that did not end');
  }

  async #readState(): Promise<LoggedState> {
    const empty: LoggedState = { position: 0, records: new Map() };
    return (await this.#readable(() => readLoggedState(this.#records), objectKeys.log)) ?? empty;
  }

  /** What a read answers; unreadable records are problems, an unreachable store is not. */
  async #readable<T>(read: () => Promise<T | undefined>, key: string): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isDomainError(error, 'RECORD_INVALID')) throw error;
      this.#report(key, error.message);
      return undefined;
    }
  }

  async #checkLogEnd({ position }: LoggedState): Promise<void> {
    const last = objectKeys.batch(position);
    for await (const { key } of this.#store.list(objectKeys.log)) {
      if (key > last) this.#report(key, `cannot be reached: the log ends at ${position}`);
    }
  }

  async #checkRecords({ records }: LoggedState): Promise<void> {
    let done = 0;
    await inLanes(records.values(), RECORDS_AT_ONCE, async (logged) => {
      await this.#checkRecord(logged);
      done += 1;
      this.#parts.onProgress('records', done, records.size);
    });
  }

  async #checkRecord(logged: LoggedRecord): Promise<void> {
    const { kind, key, record } = logged;
    const isBroken = this.#problems.length;
    const found = await this.#readable(() => this.#records.read(kind, key), key);
    if (found === undefined) {
      if (this.#problems.length === isBroken) this.#report(key, 'is in the log but not in the bucket');
      return;
    }
    const revision = revisionOf({ kind, before: null, after: found.record } as Parameters<typeof revisionOf>[0]);
    if (revision < logged.revision) this.#report(key, `has revision ${revision}, the log has ${logged.revision}`);
    // A record may be one change ahead of the log: its writer died before it logged that, and the next sweep will.
    const isEqual = JSON.stringify(found.record) === JSON.stringify(record);
    if (revision === logged.revision && !isEqual) this.#report(key, 'differs from what the log says');
  }

  /** Records that the log does not know. A new one may be there for a moment, until its writer or the sweep has logged it. */
  async #checkStrangers({ records }: LoggedState): Promise<void> {
    for (const prefix of [objectKeys.namespaces, objectKeys.registry]) {
      for await (const { key } of this.#store.list(prefix)) {
        const place = recordPlaceOf(key);
        if (place === undefined) this.#report(key, 'is no record of the registry');
        else if (place.kind === 'draft' || place.kind === 'claim') continue;
        else if (!records.has(key)) this.#report(key, 'is in the bucket but not in the log');
      }
    }
  }

  #checkReferences({ records }: LoggedState): void {
    const counts = new Map<string, { count: number; highest: number }>();
    for (const { kind, key, record } of records.values()) {
      if (kind === 'version') {
        const model = objectKeys.model(record.namespace, record.model);
        const { count, highest } = counts.get(model) ?? { count: 0, highest: 0 };
        counts.set(model, { count: count + 1, highest: Math.max(highest, record.version) });
      }
      const isPointing = kind === 'status' || (kind === 'alias' && record.version > 0);
      if (!isPointing) continue;
      const { namespace, model, version } = record;
      if (!records.has(objectKeys.version(namespace, model, version))) {
        this.#report(key, `is of version ${version}, which does not exist`);
      }
    }
    for (const [model, { count, highest }] of counts) {
      if (!records.has(model)) this.#report(model, `is missing, and has ${count} versions`);
      if (count !== highest) this.#report(model, `has ${count} versions, but the highest number is ${highest}`);
    }
  }

  async #checkBlobs(state: LoggedState): Promise<{ blobs: number; unreferenced: number }> {
    const referenced = referencedBlobs(state);
    const stored = new Map<string, number>();
    for await (const { key, sizeBytes } of this.#store.list(objectKeys.blobs)) stored.set(key, sizeBytes);
    let done = 0;
    await inLanes(referenced, BLOBS_AT_ONCE, async ([digest, { sizeBytes, version, isWithdrawn }]) => {
      const key = objectKeys.blob(digest);
      const size = stored.get(key);
      stored.delete(key);
      if (size === undefined && !isWithdrawn) this.#report(key, `is missing; ${version} needs it`);
      else if (size !== undefined && size !== sizeBytes)
        this.#report(key, `has ${size} bytes, ${version} says ${sizeBytes}`);
      else if (size !== undefined && !this.#parts.isQuick) await this.#readAgain(key, digest, version);
      done += 1;
      this.#parts.onProgress('blobs', done, referenced.size);
    });
    return { blobs: referenced.size, unreferenced: stored.size };
  }

  async #readAgain(key: string, digest: Digest, version: string): Promise<void> {
    const running = this.#parts.newDigest();
    for await (const chunk of (await this.#store.getStream(key)) ?? []) {
      running.update(chunk);
      this.#readBytes += chunk.byteLength;
    }
    const got = running.digest();
    if (got !== digest) this.#report(key, `holds bytes of ${got}; ${version} needs it`);
  }
}
