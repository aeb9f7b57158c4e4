import { setTimeout as sleep } from 'node:timers/promises';
import type { VersionUsage } from '#application/registry';
import type { JournalEntry, RolloutJournal } from '#application/rollout';
import { isDomainError } from '#domain/errors';
import type { ModelName, Namespace } from '#domain/registry';

/** Somebody who follows journals, and what they were told already: etags by key. */
interface Watcher {
  readonly tell: (entries: readonly JournalEntry[]) => void;
  readonly seen: Map<string, string>;
}

/** What the controllers' journals in the bucket tell the registry. */
export class RolloutJournals implements VersionUsage {
  readonly #journal: RolloutJournal;
  readonly #intervalMs: number;
  readonly #watchers = new Set<Watcher>();
  #isWatching = false;

  /** @param intervalMs how often the bucket is looked at while somebody watches. */
  constructor(journal: RolloutJournal, intervalMs = 1000) {
    this.#journal = journal;
    this.#intervalMs = intervalMs;
  }

  async usersOf(namespace: Namespace, model: ModelName, version: number): Promise<readonly string[]> {
    const isUsed = ({ state, desired, pinned }: JournalEntry) => {
      const specs = [state.stable?.desired.spec, state.candidate?.desired.spec, desired?.spec];
      const used = [...specs, ...(pinned?.servables ?? [])];
      return used.some((one) => one?.namespace === namespace && one.model === model && one.version === version);
    };
    const entries = (await this.#journal.loadAll()).map(({ entry }) => entry);
    return entries.filter(isUsed).map((entry) => `deployment ${entry.namespace}/${entry.name}`);
  }

  /** The journal of a deployment; `undefined` when there is none. @throws STORE_UNAVAILABLE */
  async find(namespace: string, name: string): Promise<JournalEntry | undefined> {
    const entries = (await this.#journal.loadAll()).map(({ entry }) => entry);
    return entries.find((entry) => entry.namespace === namespace && entry.name === name);
  }

  /**
   * Tells every journal once, and then each that changed. However many watch, the bucket is looked at once in an interval.
   *
   * @returns what ends that.
   */
  watch(tell: (entries: readonly JournalEntry[]) => void): () => void {
    const watcher = { tell, seen: new Map() };
    this.#watchers.add(watcher);
    if (!this.#isWatching) void this.#follow();
    return () => this.#watchers.delete(watcher);
  }

  async #follow(): Promise<void> {
    this.#isWatching = true;
    while (this.#watchers.size > 0) {
      await this.#look();
      await sleep(this.#intervalMs, undefined, { ref: false });
    }
    this.#isWatching = false;
  }

  async #look(): Promise<void> {
    const found = await this.#journal.loadAll().catch((error: unknown) => {
      // Looked for again after the interval; what changed meanwhile is told then.
      if (isDomainError(error)) return [];
      throw error;
    });
    for (const { tell, seen } of this.#watchers) {
      const changed = found.filter(({ entry, etag }) => {
        const key = `${entry.namespace}/${entry.name}`;
        const isNew = seen.get(key) !== etag;
        seen.set(key, etag);
        return isNew;
      });
      if (changed.length > 0) tell(changed.map(({ entry }) => entry));
    }
  }
}
