import { type Evictable, leastRecentlyUsed, totalBytes } from './least-recently-used.ts';

/** What a version in memory is there for. */
export type ResidentPart =
  /** Answers only requests that name it. */
  | 'pinned'
  /** Answers a deployment that has no rollout. */
  | 'stable'
  /** Takes part in a rollout, or answers until its successor is ready: it is never put to sleep. */
  | 'needed';

/** A version in memory, or on its way there. */
export interface Resident extends Evictable {
  readonly part: ResidentPart;
  /** Whether a request runs on it or waits for it. */
  readonly isBusy: boolean;
}

/** What another version needs, and the rule of the budget. */
export interface MemoryNeed {
  readonly neededBytes: number;
  readonly budgetBytes: number;
  readonly nowMs: number;
  /** How long a deployment must have had no request before its stable version may sleep. */
  readonly idleAfterMs: number;
}

/**
 * Which versions go to sleep so that another one fits: the least recently used of those that nobody needs now, and no more than it
 * takes. A version with requests, one of a rollout, and the stable version of a deployment that is in use are never among them.
 *
 * @returns `undefined` when it does not fit, whoever sleeps: then nobody shall.
 */
export function chooseSleepers<R extends Resident>(
  residents: readonly R[],
  need: MemoryNeed,
): readonly R[] | undefined {
  const excessBytes = totalBytes(residents) + need.neededBytes - need.budgetBytes;
  if (excessBytes <= 0) return [];
  const sleepers = leastRecentlyUsed(
    residents.filter((resident) => maySleep(resident, need)),
    excessBytes,
  );
  return totalBytes(sleepers) < excessBytes ? undefined : sleepers;
}

function maySleep({ part, isBusy, lastUsedAtMs }: Resident, { nowMs, idleAfterMs }: MemoryNeed): boolean {
  if (isBusy || part === 'needed') return false;
  return part === 'pinned' || nowMs - lastUsedAtMs >= idleAfterMs;
}
