/** Something that takes room and can be let go. */
export interface Evictable {
  readonly sizeBytes: number;
  /** Milliseconds, on whatever clock the others are on too. */
  readonly lastUsedAtMs: number;
}

/**
 * What to let go so that room is made: the least recently used first, and no more than it takes.
 *
 * @param entries those that may go; whatever is in use is not among them.
 * @param bytesToFree none or fewer frees nothing.
 * @returns in the order in which to let go; all entries when even they are not enough, which the caller sees by their sizes.
 */
export function leastRecentlyUsed<Entry extends Evictable>(entries: readonly Entry[], bytesToFree: number): Entry[] {
  const victims: Entry[] = [];
  let freedBytes = 0;
  for (const entry of entries.toSorted((left, right) => left.lastUsedAtMs - right.lastUsedAtMs)) {
    if (freedBytes >= bytesToFree) break;
    victims.push(entry);
    freedBytes += entry.sizeBytes;
  }
  return victims;
}

/** Bytes that entries take together. */
export function totalBytes(entries: readonly Evictable[]): number {
  return entries.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}
