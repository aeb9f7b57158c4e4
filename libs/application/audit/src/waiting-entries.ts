import { type AuditEntry, type AuditKind, boundedEntry, sameness } from '#domain/audit';

/** Of different entries about one principal, and of those about all; what comes beyond is counted. */
const MAX_OF_ONE = 200;
const MAX_FROM_OUTSIDE = 5000;
const MAX_OF_OURS = 5000;
/** What somebody from outside can cause as often as they like. */
const FROM_OUTSIDE: ReadonlySet<AuditKind> = new Set(['login', 'refused', 'denied']);

/** Entries that wait for the next batch. The same thing again is counted, and however many come, only so much is kept. */
export class WaitingEntries {
  readonly #entries = new Map<string, AuditEntry>();
  readonly #ofOne = new Map<string, number>();
  #fromOutside = 0;

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(entry: AuditEntry): void {
    const bounded = boundedEntry(entry);
    const key = sameness(bounded);
    if (this.#count(key, bounded)) return;
    if (FROM_OUTSIDE.has(bounded.kind)) this.#addFromOutside(key, bounded);
    else if (this.#entries.size - this.#fromOutside < MAX_OF_OURS) this.#entries.set(key, bounded);
    else this.#fold(bounded);
  }

  /** Everything, in the order in which it came; nothing waits any more. */
  take(): readonly AuditEntry[] {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#ofOne.clear();
    this.#fromOutside = 0;
    return entries;
  }

  #count(key: string, { at, lastAt = at, count = 1 }: AuditEntry): boolean {
    const known = this.#entries.get(key);
    if (known === undefined) return false;
    this.#entries.set(key, { ...known, count: (known.count ?? 1) + count, lastAt });
    return true;
  }

  #addFromOutside(key: string, entry: AuditEntry): void {
    const who = `${entry.kind} ${entry.principal?.kind} ${entry.principal?.id}`;
    const ofOne = this.#ofOne.get(who) ?? 0;
    if (this.#fromOutside >= MAX_FROM_OUTSIDE) {
      const { principal: _, ...rest } = entry;
      this.#fold(rest);
    } else if (ofOne >= MAX_OF_ONE) this.#fold(entry);
    else {
      this.#fromOutside += 1;
      this.#ofOne.set(who, ofOne + 1);
      this.#entries.set(key, entry);
    }
  }

  /** Counts an entry without telling what it was about. */
  #fold({ at, kind, principal, count, lastAt }: AuditEntry): void {
    const detail = 'others, which were too many to be written apart';
    const several = count === undefined ? {} : { count, lastAt: lastAt ?? at };
    const folded = { at, kind, ...several, ...(principal === undefined ? {} : { principal }), detail };
    const key = sameness(folded);
    if (!this.#count(key, folded)) this.#entries.set(key, folded);
  }
}
