import type { DecisionLog, RecordedDecision } from '#application/access';
import type { ObjectEntry, ObjectStore } from '#application/registry';
import { isDomainError } from '#domain/errors';
import { decodeDecisions, encodeDecisions } from './decision-record.ts';

export const DECISIONS_PREFIX = 'access/decisions/';
/** Of more processes than these, the ones that wrote last. */
const MAX_PROCESSES = 64;

/** The decisions of each process as one JSON object in the bucket. */
export class ObjectStoreDecisions implements DecisionLog {
  readonly #open: () => Promise<ObjectStore>;
  readonly #key: string;

  /**
   * @param open for programs that start without the bucket.
   * @param process a name that no other process has or had, such as `registry-3f9c`.
   */
  constructor(open: () => Promise<ObjectStore>, process: string) {
    this.#open = open;
    this.#key = `${DECISIONS_PREFIX}${process}.json`;
  }

  async save(decisions: readonly RecordedDecision[]): Promise<void> {
    const store = await this.#open();
    await store.put(this.#key, encodeDecisions(decisions));
  }

  async load(): Promise<readonly RecordedDecision[]> {
    const store = await this.#open();
    const entries: ObjectEntry[] = [];
    for await (const entry of store.list(DECISIONS_PREFIX)) entries.push(entry);
    const newest = entries.toSorted((left, right) => right.modifiedAtMs - left.modifiedAtMs).slice(0, MAX_PROCESSES);
    const read = await Promise.all(newest.map(({ key }) => readOne(store, key)));
    return read.flat();
  }

  async forgetBefore(ms: number): Promise<void> {
    const store = await this.#open();
    for await (const { key, modifiedAtMs } of store.list(DECISIONS_PREFIX)) {
      if (modifiedAtMs < ms) await store.delete(key);
    }
  }
}

/** What another release wrote, or nobody, is no decision; nor is what was removed meanwhile. */
async function readOne(store: ObjectStore, key: string): Promise<readonly RecordedDecision[]> {
  const found = await store.get(key);
  if (found === undefined) return [];
  try {
    return decodeDecisions(found.bytes);
  } catch (error) {
    if (isDomainError(error, 'RECORD_INVALID')) return [];
    throw error;
  }
}
