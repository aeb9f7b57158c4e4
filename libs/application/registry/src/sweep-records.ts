import {
  type LoggedKind,
  type LoggedRecords,
  parseModelName,
  parseNamespace,
  type RegistryEvent,
} from '#domain/registry';
import type { ChangeRecord } from './change-record.ts';
import type { EventLog } from './event-log.ts';
import { objectKeys, recordPlaceOf } from './object-keys.ts';
import type { ObjectStore } from './object-store.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryRecords } from './registry-records.ts';

/** A record that changed this long before the latest change of any has been logged or never will be by its writer. */
const CLOCK_MARGIN_MS = 600_000;

/**
 * Finds records whose writers died before they logged them, and logs them. Most are found sooner, by the repetition of the request
 * or the next change; this finds the rest, so that what the bucket has becomes visible whatever happened.
 */
export class SweepRecords {
  readonly #store: ObjectStore;
  readonly #records: RegistryRecords;
  readonly #index: RegistryIndex;
  readonly #log: EventLog;
  readonly #changes: ChangeRecord;
  /** Records that were modified before this, by the store's clock, were looked at by an earlier sweep. */
  #seenUpToMs = 0;

  constructor(
    store: ObjectStore,
    records: RegistryRecords,
    index: RegistryIndex,
    log: EventLog,
    changes: ChangeRecord,
  ) {
    this.#store = store;
    this.#records = records;
    this.#index = index;
    this.#log = log;
    this.#changes = changes;
  }

  /** @returns how many events were missing from the log. */
  async sweep(): Promise<number> {
    await this.#log.catchUp();
    let latestMs = this.#seenUpToMs;
    let found = 0;
    for (const prefix of [objectKeys.namespaces, objectKeys.registry]) {
      for await (const { key, modifiedAtMs } of this.#store.list(prefix)) {
        latestMs = Math.max(latestMs, modifiedAtMs - CLOCK_MARGIN_MS);
        if (modifiedAtMs < this.#seenUpToMs) continue;
        const events = await this.#unloggedAt(key);
        if (events.length > 0) await this.#log.append(events);
        found += events.length;
      }
    }
    this.#seenUpToMs = latestMs;
    return found;
  }

  async #unloggedAt(key: string): Promise<RegistryEvent[]> {
    const place = recordPlaceOf(key);
    if (place === undefined || place.kind === 'draft' || place.kind === 'claim') return [];
    if (place.kind === 'version') return this.#unloggedVersions(place.namespace, place.model, Number(place.name));
    const found = await this.#records.read(place.kind, key);
    if (found === undefined) return [];
    return this.#changes.unlogged<LoggedKind>(place.kind, found.record as LoggedRecords[LoggedKind]);
  }

  /** In the order of their numbers, whatever order the store lists them in: the log must never have a number without those below. */
  async #unloggedVersions(namespaceWord: string, modelWord: string, upTo: number): Promise<RegistryEvent[]> {
    const [namespace, model] = [parseNamespace(namespaceWord), parseModelName(modelWord)];
    const events: RegistryEvent[] = [];
    for (let number = this.#index.latestNumber(namespace, model) + 1; number <= upTo; number += 1) {
      const found = await this.#records.read('version', objectKeys.version(namespace, model, number));
      if (found !== undefined) events.push(...this.#changes.unlogged('version', found.record));
    }
    return events;
  }
}
