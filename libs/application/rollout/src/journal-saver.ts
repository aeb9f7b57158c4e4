import { isDomainError } from '#domain/errors';
import type { Deployment } from './deployment.ts';
import type { JournalEntry, RolloutJournal } from './rollout-journal.ts';
import type { Scheduler } from './scheduler.ts';

/** What the saver takes from outside. */
export interface SaverParts {
  readonly journal: RolloutJournal;
  readonly scheduler: Scheduler;
  /** Whether the journal may be written now; what is to be written waits while it may not. */
  readonly mayWrite: () => boolean;
  /** Told when the journal has an entry. */
  readonly onSaved: (deployment: Deployment, entry: JournalEntry) => void;
  /** Somebody else writes the journal: the term is over. Told once. */
  readonly onLost: (key: string) => void;
  readonly onFailure: (what: string, error: unknown) => void;
}

const RETRY_MS = 500;

/** One deployment's place in the journal. */
interface Place {
  etag: string | undefined;
  /** What is to be done, of which only the newest counts. */
  wanted: { readonly kind: 'save'; readonly deployment: Deployment } | { readonly kind: 'remove' } | undefined;
  /** Ends when what was wanted is done, or was tried once. */
  trying: Promise<void> | undefined;
  isRetryPlanned: boolean;
}

/** Writes entries to the journal one after the other per deployment, the newest state only. */
export class JournalSaver {
  readonly #parts: SaverParts;
  readonly #places = new Map<string, Place>();
  #isOver = false;

  constructor(parts: SaverParts) {
    this.#parts = parts;
  }

  adopt(key: string, etag: string): void {
    this.#placeOf(key).etag = etag;
  }

  save(key: string, deployment: Deployment): void {
    this.#want(key, { kind: 'save', deployment });
  }

  remove(key: string): void {
    this.#want(key, { kind: 'remove' });
  }

  /** Ends when what was to be saved of a deployment is saved, or was tried once. */
  async settled(key: string): Promise<void> {
    await this.#places.get(key)?.trying;
  }

  /** Ends when that holds for all. */
  async idle(): Promise<void> {
    await Promise.all([...this.#places.values()].map(({ trying }) => trying));
  }

  /** Nothing is written any more. */
  end(): void {
    this.#isOver = true;
  }

  #placeOf(key: string): Place {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { etag: undefined, wanted: undefined, trying: undefined, isRetryPlanned: false };
      this.#places.set(key, place);
    }
    return place;
  }

  #want(key: string, wanted: NonNullable<Place['wanted']>): void {
    const place = this.#placeOf(key);
    place.wanted = wanted;
    this.#try(key, place);
  }

  #try(key: string, place: Place): void {
    if (this.#isOver) return;
    // After this turn: its other changes go along, and traffic does not wait.
    place.trying ??= Promise.resolve()
      .then(() => this.#writeWanted(key, place))
      .then((isDone) => {
        place.trying = undefined;
        if (place.wanted === undefined) return;
        // What came after the last write and before this turn has not failed: it waits for nothing.
        if (isDone) this.#try(key, place);
        else this.#planRetry(key, place);
      });
  }

  /** The state is in memory, and in force as far as it may be; what is still wanted is written when it can be. */
  #planRetry(key: string, place: Place): void {
    if (place.isRetryPlanned) return;
    place.isRetryPlanned = true;
    this.#parts.scheduler.after(RETRY_MS, () => {
      place.isRetryPlanned = false;
      this.#try(key, place);
    });
  }

  /** Until nothing is wanted any more; answers false when a write failed, or is not allowed. */
  async #writeWanted(key: string, place: Place): Promise<boolean> {
    while (place.wanted !== undefined) {
      if (this.#isOver || !this.#parts.mayWrite()) return false;
      const { wanted } = place;
      place.wanted = undefined;
      try {
        if (wanted.kind === 'save') await this.#write(place, wanted.deployment);
        else await this.#remove(key, place);
      } catch (error) {
        place.wanted ??= wanted;
        this.#fail(key, error);
        return false;
      }
    }
    return true;
  }

  #fail(key: string, error: unknown): void {
    if (this.#isOver) return;
    this.#parts.onFailure(`writing the journal of ${key}`, error);
    if (!isDomainError(error, 'PRECONDITION_FAILED')) return;
    this.#isOver = true;
    this.#parts.onLost(key);
  }

  async #write(place: Place, deployment: Deployment): Promise<void> {
    const entry = deployment.entryToSave;
    try {
      place.etag = await this.#parts.journal.save(entry, place.etag);
    } catch (error) {
      place.etag = await this.#tagOfOwn(entry, error);
    }
    if (!this.#isOver) this.#parts.onSaved(deployment, entry);
  }

  /** A write whose answer was lost looks like somebody else's: it is ours when it holds what we wrote. */
  async #tagOfOwn(entry: JournalEntry, error: unknown): Promise<string> {
    if (!isDomainError(error, 'PRECONDITION_FAILED')) throw error;
    const found = await this.#parts.journal.load(entry.namespace, entry.name);
    if (found === undefined || JSON.stringify(found.entry) !== JSON.stringify(entry)) throw error;
    return found.etag;
  }

  async #remove(key: string, place: Place): Promise<void> {
    if (place.etag === undefined) return;
    const [namespace = '', name = ''] = key.split('/');
    await this.#parts.journal.remove(namespace, name, place.etag);
    place.etag = undefined;
  }
}
