import { DomainError } from '#domain/errors';
import { type EventOf, eventOf, type LoggedKind, type LoggedRecords, type RegistryEvent } from '#domain/registry';
import type { EventLog } from './event-log.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

/** A change that loses so often against others is not worth another try. */
const MAX_ATTEMPTS = 20;

/** The kinds of record that are changed by compare-and-swap. */
export type ChangingKind = Exclude<LoggedKind, 'version'>;

/** Changes records, one compare-and-swap each, and logs every change before it is acknowledged. */
export class ChangeRecord {
  readonly #records: RegistryRecords;
  readonly #index: RegistryIndex;
  readonly #log: EventLog;

  constructor(records: RegistryRecords, index: RegistryIndex, log: EventLog) {
    this.#records = records;
    this.#index = index;
    this.#log = log;
  }

  /**
   * Applies a decision to the content that the bucket has now.
   *
   * @param decide answers the next content, or `undefined` to leave the record as it is; called again when another writer was
   *   first. What it throws is passed on, with nothing changed.
   * @returns the content that stands afterwards; `undefined` when the record is absent and stays so.
   */
  async change<Kind extends ChangingKind>(
    kind: Kind,
    key: string,
    decide: (current: LoggedRecords[Kind] | undefined) => LoggedRecords[Kind] | undefined,
  ): Promise<LoggedRecords[Kind] | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const found = await this.#records.read(kind, key);
      const current = found?.record as LoggedRecords[Kind] | undefined;
      const next = decide(current);
      if (next === undefined) {
        const events = current === undefined ? [] : this.unlogged(kind, current);
        if (events.length > 0) await this.#log.append(events);
        return current;
      }
      const condition = found ? ({ kind: 'matches', etag: found.etag } as const) : ({ kind: 'absent' } as const);
      if (!(await this.#records.write(kind, key, next as never, condition))) continue;
      const earlier = current === undefined ? [] : this.unlogged(kind, current);
      await this.#log.append([...earlier, eventOf(kind, current ?? null, next) as EventOf<Kind>]);
      return next;
    }
    throw new DomainError('REVISION_CONFLICT', 'the record was changed by others all the time: try again');
  }

  /** The event of a content that is in the bucket but not in the index: its writer died, or has not logged it yet. */
  unlogged<Kind extends LoggedKind>(kind: Kind, current: LoggedRecords[Kind]): RegistryEvent[] {
    const indexed = this.#index.currentOf(kind, current);
    if (indexed !== undefined && revisionIn(indexed) >= revisionIn(current)) return [];
    return [eventOf(kind, indexed ?? null, current) as EventOf<Kind>];
  }
}

function revisionIn(record: LoggedRecords[LoggedKind]): number {
  return 'revision' in record ? record.revision : 1;
}
