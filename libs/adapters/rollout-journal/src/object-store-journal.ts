import type { ObjectStore, StoredObject } from '#application/registry';
import type { JournalEntry, RolloutJournal, TaggedEntry } from '#application/rollout';
import { DomainError, isDomainError } from '#domain/errors';

const PREFIX = 'rollouts/';
const SCHEMA = 'slipway.dev/v1/Rollout';
/** Entries that are read, or written, at once. */
const ENTRIES_AT_ONCE = 16;

/** What stands in the bucket: an entry, or the mark of one that was taken away. */
type JournalRecord =
  | ({ readonly epoch: number; readonly isRemoved?: undefined } & JournalEntry)
  | { readonly epoch: number; readonly isRemoved: true; readonly namespace: string; readonly name: string };

interface TaggedRecord {
  readonly record: JournalRecord;
  readonly etag: string;
}

/**
 * The journal as one JSON object per deployment in the bucket, moved by compare-and-swap.
 *
 * Nothing is ever deleted: stores cannot delete on a condition, and a leader of the past must not take away what is not its own any more.
 * The mark in the place of a removed entry gives way to the next entry of that name.
 */
export class ObjectStoreJournal implements RolloutJournal {
  readonly #store: ObjectStore;
  #epoch = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  loadAll(): Promise<readonly TaggedEntry[]> {
    return this.#forEach(async (key) => {
      const found = await this.#read(key);
      return found && entryOf(found);
    });
  }

  takeOver(epoch: number): Promise<readonly TaggedEntry[]> {
    this.#epoch = epoch;
    return this.#forEach((key) => this.#takeOverOne(key, epoch));
  }

  async load(namespace: string, name: string): Promise<TaggedEntry | undefined> {
    const found = await this.#read(keyOf({ namespace, name }));
    return found?.record.epoch === this.#epoch ? entryOf(found) : undefined;
  }

  async save(entry: JournalEntry, etag: string | undefined): Promise<string> {
    const tag = etag ?? (await this.#tagOfRemoved(keyOf(entry)));
    return this.#write({ epoch: this.#epoch, ...entry }, tag);
  }

  async remove(namespace: string, name: string, etag: string): Promise<void> {
    const mark = { epoch: this.#epoch, isRemoved: true, namespace, name } as const;
    try {
      await this.#write(mark, etag);
    } catch (error) {
      const found = isDomainError(error, 'PRECONDITION_FAILED') ? await this.#read(keyOf(mark)) : undefined;
      if (found?.record.isRemoved !== true || found.record.epoch !== mark.epoch) throw error;
    }
  }

  async #forEach(read: (key: string) => Promise<TaggedEntry | undefined>): Promise<readonly TaggedEntry[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(PREFIX)) keys.push(key);
    const entries: TaggedEntry[] = [];
    const lane = async () => {
      for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
        const entry = await read(key);
        if (entry !== undefined) entries.push(entry);
      }
    };
    await Promise.all(Array.from({ length: ENTRIES_AT_ONCE }, lane));
    return entries.sort((left, right) => (keyOf(left.entry) < keyOf(right.entry) ? -1 : 1));
  }

  /** A leader of the past may still be writing: what it wrote last is read again, until this write is the last one. */
  async #takeOverOne(key: string, epoch: number): Promise<TaggedEntry | undefined> {
    for (;;) {
      const found = await this.#read(key);
      if (found === undefined) return undefined;
      if (found.record.epoch > epoch) {
        const message = `${key} was written in term ${found.record.epoch}, and this is term ${epoch}`;
        throw new DomainError('PRECONDITION_FAILED', message);
      }
      try {
        const record = { ...found.record, epoch };
        return entryOf({ record, etag: await this.#write(record, found.etag) });
      } catch (error) {
        if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
      }
    }
  }

  async #tagOfRemoved(key: string): Promise<string | undefined> {
    const found = await this.#read(key);
    return found?.record.isRemoved === true ? found.etag : undefined;
  }

  async #read(key: string): Promise<TaggedRecord | undefined> {
    const found = await this.#store.get(key);
    return found && { record: decode(key, found), etag: found.etag };
  }

  async #write(record: JournalRecord, etag: string | undefined): Promise<string> {
    const text = JSON.stringify({ schema: SCHEMA, ...record }, undefined, 2);
    const condition = etag === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'matches', etag } as const);
    return this.#store.put(keyOf(record), new TextEncoder().encode(`${text}\n`), condition);
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${PREFIX}${namespace}/${name}.json`;
}

function entryOf({ record, etag }: TaggedRecord): TaggedEntry | undefined {
  if (record.isRemoved === true) return undefined;
  const { epoch: _, isRemoved: __, ...entry } = record;
  return { entry, etag };
}

function decode(key: string, { bytes }: StoredObject): JournalRecord {
  try {
    const { schema, ...record } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
      schema: string;
    } & JournalRecord;
    // Journals of before there were terms have no epoch.
    if (schema === SCHEMA) return { ...record, epoch: record.epoch ?? 0 };
  } catch (error) {
    throw new DomainError('RECORD_INVALID', `${key} is not a rollout's journal`, {}, { cause: error });
  }
  throw new DomainError('RECORD_INVALID', `${key} is not a rollout's journal of a version that this program reads`);
}
