import {
  type AuditEntry,
  boundedEntry,
  type ChainHead,
  decodeAuditBatch,
  EMPTY_CHAIN,
  encodeAuditBatch,
  type Sha256,
} from '#domain/audit';
import { DomainError, isDomainError } from '#domain/errors';
import type { BatchStore } from './audit-chain.ts';
import { findEnd } from './find-end.ts';
import { WaitingEntries } from './waiting-entries.ts';

/** What an entry says, before it gets its time. */
export type NewEntry = Omit<AuditEntry, 'at'> & { readonly at?: string };

/** Told of what becomes of entries. */
export interface AuditEvents {
  /** Of entries that are about to be written, once, whether or not the store takes them now. */
  onEntries(entries: readonly AuditEntry[]): void;
  /** Of each batch that is written. */
  onWritten(head: ChainHead): void;
  /** Entries could not be written; they wait. */
  onFailure(error: unknown): void;
}

/** What a trail is written with. */
export interface AuditTrailParts {
  readonly store: BatchStore;
  readonly sha256: Sha256;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** @returns what calls it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** Such as `registry`. */
  readonly program: string;
  /** Unique to the process. */
  readonly process: string;
  readonly events: AuditEvents;
}

interface Append {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Entries on their way into the store. Their number tells them from others when it is not known whether they arrived. */
interface Batch {
  readonly number: number;
  readonly entries: readonly AuditEntry[];
  appends: readonly Append[];
}

const GATHERED_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
const MAX_BATCH_ENTRIES = 500;

/**
 * Writes what happens in one process into the audit log.
 *
 * What merely is to be known, such as a denial, is noted: it costs nothing now, is gathered for a second, and waits in bounded memory while
 * the store is down. What must not happen unseen is appended first: it is done only when that has succeeded.
 *
 * Batches are a chain through all programs. Each is created under the next number with the digest of the one before; of several
 * writers of a number one wins, and the others read its batch and go on behind it.
 */
export class AuditTrail {
  readonly #parts: AuditTrailParts;
  readonly #waiting = new WaitingEntries();
  #backlog: readonly AuditEntry[] = [];
  #appends: readonly Append[] = [];
  #unsettled: Batch | undefined;
  #head: ChainHead | undefined;
  #written = 0;
  #failures = 0;
  #isDue = false;
  #callOff: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: AuditTrailParts) {
    this.#parts = parts;
  }

  /** The last batch that this process knows of; `undefined` before its first one. */
  get head(): ChainHead | undefined {
    return this.#head;
  }

  /** Has an entry written soon. Called wherever something happens, however often: it never throws and never waits. */
  note(entry: NewEntry): void {
    if (this.#isClosed) return;
    this.#waiting.add(this.#timed(entry));
    this.#writeAfter(GATHERED_MS);
  }

  /**
   * Writes an entry; on return it is durable.
   *
   * @throws STORE_UNAVAILABLE; it is then not known whether the entry is in the log.
   */
  append(entry: NewEntry): Promise<void> {
    return new Promise((done, failed) => {
      this.#appends = [...this.#appends, { entry: boundedEntry(this.#timed(entry)), done, failed }];
      void this.#write();
    });
  }

  /** Writes what waits, as far as the store takes it. */
  async flush(): Promise<void> {
    this.#isDue = true;
    await this.#write();
  }

  /** Writes what is left, unless that takes too long, and takes nothing more. */
  async close(withinMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    let callOff = () => {};
    const late = new Promise<void>((resolve) => {
      callOff = this.#parts.after(withinMs, resolve);
    });
    await Promise.race([this.flush(), late]);
    callOff();
    this.#callOff?.();
  }

  #timed(entry: NewEntry): AuditEntry {
    return { at: this.#now(), ...entry };
  }

  #now(): string {
    return new Date(this.#parts.nowMs()).toISOString();
  }

  #writeAfter(delayMs: number): void {
    this.#callOff ??= this.#parts.after(delayMs, () => {
      this.#callOff = undefined;
      void this.flush();
    });
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What else this turn brings goes along.
    await Promise.resolve();
    try {
      for (let batch = this.#nextBatch(); batch !== undefined; batch = this.#nextBatch()) {
        this.#unsettled = batch;
        await this.#put(batch);
        this.#unsettled = undefined;
        this.#failures = 0;
        for (const { done } of batch.appends) done();
      }
      if (!this.#waiting.isEmpty) this.#writeAfter(GATHERED_MS);
    } catch (error) {
      this.#fail(error);
    }
    // In the turn of the last look: whatever comes after it begins anew.
    this.#writing = undefined;
  }

  /** Whoever waits is told. What is only noted, and what may be in the store already, is tried again. */
  #fail(error: unknown): void {
    const appends = [...(this.#unsettled?.appends ?? []), ...this.#appends];
    if (this.#unsettled !== undefined) this.#unsettled.appends = [];
    this.#appends = [];
    for (const { failed } of appends) failed(error);
    this.#parts.events.onFailure(error);
    this.#failures += 1;
    if (!this.#isClosed) this.#writeAfter(Math.min(GATHERED_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS));
  }

  #nextBatch(): Batch | undefined {
    if (this.#unsettled !== undefined) return this.#unsettled;
    if (this.#isDue && this.#backlog.length === 0) {
      this.#isDue = false;
      this.#backlog = this.#waiting.take();
    }
    const appends = this.#appends.slice(0, MAX_BATCH_ENTRIES);
    const noted = this.#backlog.slice(0, MAX_BATCH_ENTRIES - appends.length);
    if (appends.length + noted.length === 0) return undefined;
    this.#appends = this.#appends.slice(appends.length);
    this.#backlog = this.#backlog.slice(noted.length);
    const entries = [...noted, ...appends.map(({ entry }) => entry)];
    this.#written += 1;
    this.#parts.events.onEntries(entries);
    return { number: this.#written, entries, appends };
  }

  async #put({ number, entries }: Batch): Promise<void> {
    const { store, sha256, program, process, events } = this.#parts;
    for (;;) {
      // Kept before anything is written: what follows may be ours, when it is not known whether it arrived.
      this.#head ??= await this.#findHead();
      const head = this.#head;
      const sequence = head.sequence + 1;
      const said = { sequence, previousSha256: head.sha256, at: this.#now(), program, process, number };
      const bytes = encodeAuditBatch({ ...said, entries }, sha256);
      const isOurs = await store.create(sequence, bytes);
      const stored = isOurs ? bytes : await this.#read(sequence);
      this.#head = { sequence, sha256: sha256(stored) };
      // Of a write whose outcome was not known.
      const wasOurs = !isOurs && isBatchOf(stored, process, number);
      if (isOurs || wasOurs) {
        events.onWritten(this.#head);
        return;
      }
    }
  }

  async #findHead(): Promise<ChainHead> {
    const sequence = await findEnd(this.#parts.store);
    if (sequence === 0) return EMPTY_CHAIN;
    return { sequence, sha256: this.#parts.sha256(await this.#read(sequence)) };
  }

  async #read(sequence: number): Promise<Uint8Array> {
    const { store } = this.#parts;
    const bytes = await store.read(sequence);
    if (bytes !== undefined) return bytes;
    throw new DomainError('AUDIT_LOG_BROKEN', `${store.keyOf(sequence)} was there and is gone`);
  }
}

function isBatchOf(bytes: Uint8Array, process: string, number: number): boolean {
  try {
    const batch = decodeAuditBatch(bytes);
    return batch.process === process && batch.number === number;
  } catch (error) {
    // Damaged by somebody: the verification will tell.
    if (isDomainError(error, 'RECORD_INVALID')) return false;
    throw error;
  }
}
