import type { ObjectStore } from '#application/registry';
import type { JournalEntry, RolloutJournal, TaggedEntry } from '#application/rollout';
import { DomainError } from '#domain/errors';

const PREFIX = 'rollouts/';
const SCHEMA = 'slipway.dev/v1/Rollout';

/** The journal as one JSON object per deployment in the bucket, moved by compare-and-swap. */
export class ObjectStoreJournal implements RolloutJournal {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async loadAll(): Promise<readonly TaggedEntry[]> {
    const entries: TaggedEntry[] = [];
    for await (const { key } of this.#store.list(PREFIX)) {
      const found = await this.#store.get(key);
      if (found !== undefined) entries.push({ entry: decode(key, found.bytes), etag: found.etag });
    }
    return entries;
  }

  async save(entry: JournalEntry, etag: string | undefined): Promise<string> {
    const text = JSON.stringify({ schema: SCHEMA, ...entry }, undefined, 2);
    const condition = etag === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'matches', etag } as const);
    return this.#store.put(keyOf(entry.namespace, entry.name), new TextEncoder().encode(`${text}\n`), condition);
  }

  async remove(namespace: string, name: string): Promise<void> {
    await this.#store.delete(keyOf(namespace, name));
  }
}

function keyOf(namespace: string, name: string): string {
  return `${PREFIX}${namespace}/${name}.json`;
}

function decode(key: string, bytes: Uint8Array): JournalEntry {
  try {
    const { schema, ...entry } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
      schema: string;
    } & JournalEntry;
    if (schema === SCHEMA) return entry;
  } catch (error) {
    throw new DomainError('RECORD_INVALID', `${key} is not a rollout's journal`, {}, { cause: error });
  }
  throw new DomainError('RECORD_INVALID', `${key} is not a rollout's journal of a version that this program reads`);
}
