import { setTimeout as sleep } from 'node:timers/promises';
import type { VersionUsage } from '#application/registry';
import type { JournalEntry, RolloutJournal } from '#application/rollout';
import type { ModelName, Namespace } from '#domain/registry';

const WATCH_INTERVAL_MS = 1000;

/** What the controllers' journals in the bucket tell the registry. */
export class RolloutJournals implements VersionUsage {
  readonly #journal: RolloutJournal;

  constructor(journal: RolloutJournal) {
    this.#journal = journal;
  }

  async usersOf(namespace: Namespace, model: ModelName, version: number): Promise<readonly string[]> {
    const isUsed = ({ state, desired }: JournalEntry) => {
      const specs = [state.stable?.desired.spec, state.candidate?.desired.spec, desired?.spec];
      return specs.some((spec) => spec?.namespace === namespace && spec.model === model && spec.version === version);
    };
    const entries = (await this.#journal.loadAll()).map(({ entry }) => entry);
    return entries.filter(isUsed).map((entry) => `deployment ${entry.namespace}/${entry.name}`);
  }

  /** The journals that are wanted, each once at first and then whenever it changes; looks at the bucket every second. */
  async *watch(isWanted: (entry: JournalEntry) => boolean): AsyncGenerator<JournalEntry> {
    const seen = new Map<string, string>();
    for (;;) {
      for (const { entry, etag } of await this.#journal.loadAll()) {
        const key = `${entry.namespace}/${entry.name}`;
        if (!isWanted(entry) || seen.get(key) === etag) continue;
        seen.set(key, etag);
        yield entry;
      }
      await sleep(WATCH_INTERVAL_MS);
    }
  }
}
