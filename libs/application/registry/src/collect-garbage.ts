import type { Digest } from '#domain/registry';
import { parseDigest } from '#domain/registry';
import type { EventLog } from './event-log.ts';
import { objectKeys, recordPlaceOf } from './object-keys.ts';
import type { ObjectEntry, ObjectStore } from './object-store.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';
import type { SweepRecords } from './sweep-records.ts';

/** How long things are left alone. */
export interface GracePeriods {
  /** A blob that nothing refers to is condemned at this age, and removed when it has been condemned for as long. */
  readonly blobMs: number;
  /** A registration that was not finished in this time is given up. */
  readonly draftMs: number;
  /** A withdrawn version's files are kept for this time. */
  readonly tombstoneMs: number;
}

/** What a collection did, or would do. */
export interface GarbageReport {
  readonly condemned: readonly Digest[];
  readonly spared: readonly Digest[];
  readonly removed: readonly Digest[];
  readonly removedBytes: number;
  readonly abandonedDrafts: number;
  readonly removedSegments: number;
}

/** What the collection takes from outside. */
export interface CollectionParts {
  readonly store: ObjectStore;
  readonly records: RegistryRecords;
  readonly index: RegistryIndex;
  readonly log: EventLog;
  readonly sweeper: SweepRecords;
  /** ISO 8601, UTC. */
  readonly now: () => string;
  readonly randomId: () => string;
}

/**
 * Removes blobs that no version and no draft refers to, beside registrations that may come to refer to them at any moment.
 *
 * A blob goes in two steps, a grace period apart: it is condemned, then removed. Whoever relies on a condemned blob lifts the
 * condemnation while it is younger than half the period, and is told to try again when it is older (see `Blobs.has`). So between
 * the last moment at which anybody can begin to rely on a blob and its removal lies half a period, and what began before is in the
 * records by then. Ages are taken from the store's clock.
 */
export class CollectGarbage {
  readonly #parts: CollectionParts;
  readonly #grace: GracePeriods;

  constructor(parts: CollectionParts, grace: GracePeriods) {
    this.#parts = parts;
    this.#grace = grace;
  }

  /** @param isDryRun reports what a collection would do, and changes nothing. */
  async collect(isDryRun: boolean): Promise<GarbageReport> {
    const nowMs = await this.#storeClockMs();
    await this.#parts.sweeper.sweep();
    const abandoned = await this.#abandonDrafts(nowMs, isDryRun);
    const { drafts, digests: declared } = await this.#openDrafts(abandoned);
    const removedSegments = await this.#removeSegments(drafts, nowMs, isDryRun);
    const condemnations = await this.#condemnations();
    const report = { condemned: [] as Digest[], spared: [] as Digest[], removed: [] as Digest[], removedBytes: 0 };
    for await (const blob of this.#parts.store.list(objectKeys.blobs)) {
      const digest = parseDigest(`sha256:${blob.key.slice(objectKeys.blobs.length)}`);
      const isNeeded = declared.has(digest) || this.#isReferenced(digest, nowMs);
      const condemnedAtMs = condemnations.get(digest);
      condemnations.delete(digest);
      const verdict = this.#judge(blob, isNeeded, condemnedAtMs, nowMs);
      if (verdict === 'leave') continue;
      report[verdict].push(digest);
      if (verdict === 'removed') report.removedBytes += blob.sizeBytes;
      if (!isDryRun) await this.#carryOut(verdict, digest);
    }
    // What is left are marks of blobs that are gone: a collection was interrupted between the two.
    if (!isDryRun)
      for (const digest of condemnations.keys()) await this.#parts.store.delete(objectKeys.condemned(digest));
    return { ...report, abandonedDrafts: abandoned.size, removedSegments };
  }

  #judge(
    blob: ObjectEntry,
    isNeeded: boolean,
    condemnedAtMs: number | undefined,
    nowMs: number,
  ): 'leave' | 'condemned' | 'spared' | 'removed' {
    const { blobMs } = this.#grace;
    if (condemnedAtMs === undefined) return !isNeeded && nowMs - blob.modifiedAtMs >= blobMs ? 'condemned' : 'leave';
    // A blob that is newer than its mark was uploaded again.
    if (isNeeded || blob.modifiedAtMs > condemnedAtMs) return 'spared';
    return nowMs - condemnedAtMs >= blobMs ? 'removed' : 'leave';
  }

  async #carryOut(verdict: 'condemned' | 'spared' | 'removed', digest: Digest): Promise<void> {
    const { store, records, now } = this.#parts;
    const mark = objectKeys.condemned(digest);
    if (verdict === 'condemned') {
      await records.create('condemnation', mark, { digest, condemnedAt: now() });
      return;
    }
    // The mark may have been lifted since it was read.
    if (verdict === 'removed' && (await store.head(mark)) !== undefined) await store.delete(objectKeys.blob(digest));
    await store.delete(mark);
  }

  #isReferenced(digest: Digest, nowMs: number): boolean {
    const { index } = this.#parts;
    if (index.referencedSize(digest) !== undefined) return true;
    const withdrawn = index.withdrawnAt(digest);
    return withdrawn !== undefined && nowMs - Date.parse(withdrawn) < this.#grace.tombstoneMs;
  }

  async #abandonDrafts(nowMs: number, isDryRun: boolean): Promise<Set<string>> {
    const abandoned = new Set<string>();
    for await (const { key, modifiedAtMs } of this.#parts.store.list(objectKeys.registry)) {
      if (recordPlaceOf(key)?.kind !== 'draft' || nowMs - modifiedAtMs < this.#grace.draftMs) continue;
      abandoned.add(key);
      if (!isDryRun) await this.#parts.store.delete(key);
    }
    return abandoned;
  }

  async #openDrafts(abandoned: ReadonlySet<string>): Promise<{ drafts: Set<string>; digests: Set<Digest> }> {
    const drafts = new Set<string>();
    const digests = new Set<Digest>();
    for await (const { key } of this.#parts.store.list(objectKeys.registry)) {
      if (recordPlaceOf(key)?.kind !== 'draft' || abandoned.has(key)) continue;
      const draft = (await this.#parts.records.read('draft', key))?.record;
      if (draft === undefined) continue;
      drafts.add(draft.id);
      for (const { files } of draft.variants) for (const { digest } of files) digests.add(digest);
    }
    return { drafts, digests };
  }

  async #removeSegments(openDrafts: ReadonlySet<string>, nowMs: number, isDryRun: boolean): Promise<number> {
    let count = 0;
    for await (const { key, modifiedAtMs } of this.#parts.store.list(objectKeys.uploads)) {
      const [, draftId = ''] = key.split('/');
      if (openDrafts.has(draftId) || nowMs - modifiedAtMs < this.#grace.blobMs) continue;
      count += 1;
      if (!isDryRun) await this.#parts.store.delete(key);
    }
    return count;
  }

  async #condemnations(): Promise<Map<Digest, number>> {
    const marks = new Map<Digest, number>();
    for await (const { key, modifiedAtMs } of this.#parts.store.list(objectKeys.garbage)) {
      marks.set(parseDigest(`sha256:${key.slice(objectKeys.garbage.length, -'.json'.length)}`), modifiedAtMs);
    }
    return marks;
  }

  /** The time by the clock that dates the objects; this machine's may differ. */
  async #storeClockMs(): Promise<number> {
    const { store, randomId } = this.#parts;
    const key = `probes/${randomId()}`;
    await store.put(key, new Uint8Array(1));
    const found = await store.head(key);
    await store.delete(key);
    return found?.modifiedAtMs ?? 0;
  }
}
