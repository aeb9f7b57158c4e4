import type { PendingCall } from './call-queue.ts';

/**
 * The calls that were not answered yet, in no order.
 *
 * A Set is none: each table that a Set has outgrown goes on pointing to the next one, with all calls that were in it. When one of them
 * has come into the old generation, all that follow it come there too, and every young collection copies thousands of answered calls.
 *
 * @see V8's OrderedHashTable::Rehash
 */
export class PendingCalls {
  readonly #calls: PendingCall[] = [];

  get size(): number {
    return this.#calls.length;
  }

  add(pending: PendingCall): void {
    pending.place = this.#calls.length;
    this.#calls.push(pending);
  }

  /** Takes out one that is in it. */
  delete(pending: PendingCall): void {
    const last = this.#calls.pop();
    if (last === undefined || last === pending) return;
    last.place = pending.place;
    this.#calls[pending.place] = last;
  }

  /** As they are now. */
  all(): PendingCall[] {
    return [...this.#calls];
  }
}
