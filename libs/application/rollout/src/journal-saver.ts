import { isDomainError } from '#domain/errors';
import type { Deployment } from './deployment.ts';
import type { RolloutJournal } from './rollout-journal.ts';
import type { Scheduler } from './scheduler.ts';

/** What the saver takes from outside. */
export interface SaverParts {
  readonly journal: RolloutJournal;
  readonly scheduler: Scheduler;
  readonly onFailure: (what: string, error: unknown) => void;
}

const RETRY_MS = 500;

/** Writes entries to the journal one after the other per deployment, the newest state only. */
export class JournalSaver {
  readonly #parts: SaverParts;
  readonly #etags = new Map<string, string>();
  readonly #queues = new Map<string, Promise<void>>();

  constructor(parts: SaverParts) {
    this.#parts = parts;
  }

  adopt(key: string, etag: string): void {
    this.#etags.set(key, etag);
  }

  save(key: string, deployment: Deployment): void {
    this.#enqueue(key, () => this.#write(key, deployment));
  }

  remove(key: string, namespace: string, name: string): void {
    this.#enqueue(key, async () => {
      await this.#parts.journal.remove(namespace, name);
      this.#etags.delete(key);
    });
  }

  /** Ends when what was to be saved of a deployment is saved, or was tried once. */
  async settled(key: string): Promise<void> {
    await this.#queues.get(key);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  #enqueue(key: string, task: () => Promise<void>): void {
    const queue = (this.#queues.get(key) ?? Promise.resolve()).then(task).catch((error: unknown) => {
      this.#parts.onFailure(`writing the journal of ${key}`, error);
      // The state is in memory and in force; the next change, or this retry, writes it.
      if (!isDomainError(error, 'PRECONDITION_FAILED'))
        this.#parts.scheduler.after(RETRY_MS, () => this.#enqueue(key, task));
    });
    this.#queues.set(key, queue);
  }

  async #write(key: string, deployment: Deployment): Promise<void> {
    const { entry } = deployment;
    try {
      this.#etags.set(key, await this.#parts.journal.save(entry, this.#etags.get(key)));
    } catch (error) {
      if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
      // A write whose answer was lost looks like somebody else's: it is ours when it holds what we wrote.
      const found = (await this.#parts.journal.loadAll()).find(
        ({ entry: kept }) => kept.namespace === entry.namespace && kept.name === entry.name,
      );
      if (found === undefined || JSON.stringify(found.entry) !== JSON.stringify(entry)) throw error;
      this.#etags.set(key, found.etag);
    }
  }
}
