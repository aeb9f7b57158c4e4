import { type ChainHead, EMPTY_CHAIN } from '#domain/audit';
import { DomainError } from '#domain/errors';
import { digestHex, type RegistryEvent } from '#domain/registry';
import type { NewDigest } from './hashing.ts';
import { objectKeys } from './object-keys.ts';
import type { EventBatch } from './record-codec.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

const MAX_BATCH_EVENTS = 200;
/** Batches that are read at once while catching up with many. */
const MAX_READ_AHEAD = 32;

/**
 * Told the events that were new to this process, in the log's order.
 *
 * @param isOwn whether this process wrote them.
 */
export type EventListener = (events: readonly RegistryEvent[], sequence: number, isOwn: boolean) => void;

/** What a log writes with. */
export interface EventLogParts {
  /** Unique to this process. */
  readonly writer: string;
  readonly newDigest: NewDigest;
}

interface PendingAppend {
  readonly events: readonly RegistryEvent[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The change feed: `log/<sequence>.json`, append-only, one writer wins each sequence.
 *
 * A record's own conditional write is what commits a change; the event after it makes the change known to the indexes. A writer
 * that dies between the two leaves a record without its event: whoever meets such a record next (the same registration again, the
 * next change of the record, the sweep) logs it first. Events have an id that follows from the change, so logging one twice does
 * no harm, and every index ignores what it has.
 *
 * Each batch names the digest of the one before, so that nothing that was logged can be changed unnoticed. A writer has read or written
 * the batch before anyway, save its first one when the index was kept from an earlier run.
 */
export class EventLog {
  readonly #records: RegistryRecords;
  readonly #index: RegistryIndex;
  readonly #parts: EventLogParts;
  readonly #listeners = new Set<EventListener>();
  #pending: PendingAppend[] = [];
  #isAppending = false;
  /** Events whose append failed although their records are written: they go with the next append that succeeds. */
  #owed: RegistryEvent[] = [];
  /** The batch at the index's position, once it is known. */
  #head: ChainHead = EMPTY_CHAIN;
  #running: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

  constructor(records: RegistryRecords, index: RegistryIndex, parts: EventLogParts) {
    this.#records = records;
    this.#index = index;
    this.#parts = parts;
  }

  /** The last batch that is known here; `undefined` until one was read or written in this run. */
  get head(): ChainHead | undefined {
    return this.#head.sequence === this.#index.position ? this.#head : undefined;
  }

  /** Calls back for every event that becomes known from now on. @returns what ends that. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Brings the index up to date with everything that was in the log when this was called. Many callers share one reading.
   *
   * @throws STORE_UNAVAILABLE
   */
  catchUp(): Promise<void> {
    this.#waiting ??= this.#catchUpAfter(this.#running);
    return this.#waiting;
  }

  /** Logs what an earlier failure left owing, then catches up. Called again and again by the registry's clock. */
  async tend(): Promise<void> {
    if (this.#owed.length > 0) await this.append([]);
    await this.catchUp();
  }

  /**
   * Appends events; on return they are in the log and in the index. Appends that wait at the same time go as one batch.
   *
   * @throws STORE_UNAVAILABLE; the events are then kept and go with the next append.
   */
  append(events: readonly RegistryEvent[]): Promise<void> {
    return new Promise((done, failed) => {
      this.#pending.push({ events, done, failed });
      void this.#appendPending();
    });
  }

  async #catchUpAfter(earlier: Promise<void> | undefined): Promise<void> {
    await earlier?.catch(() => {});
    this.#running = this.#waiting;
    this.#waiting = undefined;
    await this.#pull();
  }

  async #pull(): Promise<void> {
    for (let readAhead = 1; ; readAhead = Math.min(readAhead * 2, MAX_READ_AHEAD)) {
      const first = this.#index.position + 1;
      const sequences = Array.from({ length: readAhead }, (_, offset) => first + offset);
      const reads = sequences.map((sequence) => this.#records.read('batch', objectKeys.batch(sequence)));
      for (const found of await Promise.all(reads)) {
        if (found === undefined) return;
        this.#apply(found.record, found.bytes);
      }
    }
  }

  async #appendPending(): Promise<void> {
    if (this.#isAppending) return;
    this.#isAppending = true;
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      const events = [...this.#owed, ...group.flatMap((append) => append.events)];
      this.#owed = [];
      try {
        await this.#appendBatch(events);
        for (const { done } of group) done();
      } catch (error) {
        this.#owed = events;
        for (const { failed } of group) failed(error);
      }
    }
    this.#isAppending = false;
  }

  #takeGroup(): PendingAppend[] {
    let count = 0;
    const fitting = this.#pending.findIndex((append, at) => {
      count += append.events.length;
      return at > 0 && count > MAX_BATCH_EVENTS;
    });
    return this.#pending.splice(0, fitting === -1 ? this.#pending.length : fitting);
  }

  /** A lost sequence is read, because it tells what others wrote, or that an append whose outcome was unknown had succeeded. */
  async #appendBatch(events: readonly RegistryEvent[]): Promise<void> {
    for (;;) {
      if (this.head === undefined) await this.#readHead();
      const { head } = this;
      if (head === undefined) continue;
      const missing = new Map(events.filter(({ id }) => !this.#index.hasEvent(id)).map((event) => [event.id, event]));
      if (missing.size === 0) return;
      const batch: EventBatch = {
        sequence: head.sequence + 1,
        writer: this.#parts.writer,
        previousSha256: head.sha256,
        events: [...missing.values()],
      };
      const bytes = await this.#records.createBytes('batch', objectKeys.batch(batch.sequence), batch);
      if (bytes === undefined) await this.catchUp();
      else this.#apply(batch, bytes);
    }
  }

  /** Reads the batch that the index ends with. Nothing is written behind one that is gone: the log would have a hole. */
  async #readHead(): Promise<void> {
    const { position } = this.#index;
    const key = objectKeys.batch(position);
    const found = await this.#records.read('batch', key);
    if (found === undefined) {
      const advice = 'restore it from a backup, or, if this is meant to be so, stop the registry and remove its index';
      throw new DomainError('AUDIT_LOG_BROKEN', `${key} is gone from the bucket: the log was cut off. ${advice}`);
    }
    if (position === this.#index.position) this.#head = { sequence: position, sha256: this.#sha256(found.bytes) };
  }

  #apply(batch: EventBatch, bytes: Uint8Array): void {
    const { position } = this.#index;
    const events = this.#index.apply(batch);
    if (this.#index.position > position) this.#head = { sequence: batch.sequence, sha256: this.#sha256(bytes) };
    if (events.length === 0) return;
    const isOwn = batch.writer === this.#parts.writer;
    for (const listener of this.#listeners) listener(events, batch.sequence, isOwn);
  }

  #sha256(bytes: Uint8Array): string {
    const running = this.#parts.newDigest();
    running.update(bytes);
    return digestHex(running.digest());
  }
}
