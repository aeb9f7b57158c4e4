import type { Auditor, NewEntry } from '#application/audit';
import type { DeploymentEvent, JournalEntry, RolloutJournal, TaggedEntry } from '#application/rollout';

/** Events that are younger than this when a term begins are written again: the leader before may have died with them. */
const WRITTEN_AGAIN_MS = 600_000;

/**
 * A journal whose events go to the audit log when they are in the journal. Rollouts do not wait for it: what cannot be written now is
 * noted, and written when the bucket is there again.
 */
export class AuditedJournal implements RolloutJournal {
  readonly #journal: RolloutJournal;
  readonly #auditor: Pick<Auditor, 'note'>;
  readonly #nowMs: () => number;
  /** By deployment, the number of its next event that is not noted. */
  readonly #next = new Map<string, number>();

  constructor(journal: RolloutJournal, auditor: Pick<Auditor, 'note'>, nowMs: () => number) {
    this.#journal = journal;
    this.#auditor = auditor;
    this.#nowMs = nowMs;
  }

  loadAll(): Promise<readonly TaggedEntry[]> {
    return this.#journal.loadAll();
  }

  async takeOver(epoch: number): Promise<readonly TaggedEntry[]> {
    const taken = await this.#journal.takeOver(epoch);
    const since = this.#nowMs() - WRITTEN_AGAIN_MS;
    this.#next.clear();
    this.#auditor.note({ kind: 'rollout', action: 'TermBegun', detail: `this controller leads in epoch ${epoch}` });
    for (const { entry } of taken) {
      this.#noteEvents(entry, (event) => event.atMs >= since);
    }
    return taken;
  }

  load(namespace: string, name: string): Promise<TaggedEntry | undefined> {
    return this.#journal.load(namespace, name);
  }

  async save(entry: JournalEntry, etag: string | undefined): Promise<string> {
    const saved = await this.#journal.save(entry, etag);
    const next = this.#next.get(keyOf(entry)) ?? 0;
    this.#noteEvents(entry, ({ id }) => id >= next);
    return saved;
  }

  async remove(namespace: string, name: string, etag: string): Promise<void> {
    await this.#journal.remove(namespace, name, etag);
    this.#next.delete(`${namespace}/${name}`);
    this.#auditor.note({ kind: 'rollout', action: 'Removed', resource: `deployment ${namespace}/${name}` });
  }

  #noteEvents(entry: JournalEntry, isNew: (event: DeploymentEvent) => boolean): void {
    for (const event of entry.events) if (isNew(event)) this.#auditor.note(entryOf(entry, event));
    this.#next.set(keyOf(entry), entry.nextEventId);
  }
}

function keyOf({ namespace, name }: JournalEntry): string {
  return `${namespace}/${name}`;
}

function entryOf(journal: JournalEntry, { id, atMs, code, message, commit, principal }: DeploymentEvent): NewEntry {
  const key = keyOf(journal);
  return {
    at: new Date(atMs).toISOString(),
    kind: 'rollout',
    // Deployments of one name count their events anew after a removal.
    id: `rollout/${key}#${id}@${atMs}`,
    ...(principal === undefined ? {} : { principal }),
    action: code,
    resource: `deployment ${key}`,
    detail: commit === undefined ? message : `${message} (commit ${commit})`,
  };
}
