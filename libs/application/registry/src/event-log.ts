import type { RegistryEvent } from '#domain/registry';
import { objectKeys } from './object-keys.ts';
import type { EventBatch } from './record-codec.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

const MAX_BATCH_EVENTS = 200;
/** Batches that are read at once while catching up with many. */
const MAX_READ_AHEAD = 32;

/** Told the events that were new to this process, in the log's order. */
export type EventListener = (events: readonly RegistryEvent[], sequence: number) => void;

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
 */
export class EventLog {
  readonly #records: RegistryRecords;
  readonly #index: RegistryIndex;
  readonly #writer: string;
  readonly #listeners = new Set<EventListener>();
  #pending: PendingAppend[] = [];
  #isAppending = false;
  /** Events whose append failed although their records are written: they go with the next append that succeeds. */
  #owed: RegistryEvent[] = [];
  #running: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

  /** @param writer unique to this process. */
  constructor(records: RegistryRecords, index: RegistryIndex, writer: string) {
    this.#records = records;
    this.#index = index;
    this.#writer = writer;
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
        this.#apply(found.record);
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
      const missing = new Map(events.filter(({ id }) => !this.#index.hasEvent(id)).map((event) => [event.id, event]));
      if (missing.size === 0) return;
      const sequence = this.#index.position + 1;
      const batch: EventBatch = { sequence, writer: this.#writer, events: [...missing.values()] };
      if (await this.#records.create('batch', objectKeys.batch(sequence), batch)) this.#apply(batch);
      else await this.catchUp();
    }
  }

  #apply(batch: EventBatch): void {
    const events = this.#index.apply(batch);
    if (events.length === 0) return;
    for (const listener of this.#listeners) listener(events, batch.sequence);
  }
}
