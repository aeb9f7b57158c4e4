import { DomainError } from '#domain/errors';
import type { Timing } from './timing.ts';

/**
 * Waits for something, but no longer than until a deadline; what was waited for goes on.
 *
 * @param deadlineAtMs monotonic milliseconds.
 * @param what was waited for, for the message: `the inference`, `its turn in the sequence`.
 * @throws DEADLINE_EXCEEDED when the time is up first
 */
export async function beforeDeadline<T>(
  awaited: Promise<T>,
  deadlineAtMs: number,
  what: string,
  { monotonicMs, after }: Timing,
): Promise<T> {
  const leftMs = deadlineAtMs - monotonicMs();
  if (leftMs === Infinity) return awaited;
  let cancel = () => {};
  const timeUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new DomainError('DEADLINE_EXCEEDED', `${what} did not come within the deadline`));
    if (leftMs <= 0) giveUp();
    else cancel = after(leftMs, giveUp);
  });
  try {
    return await Promise.race([awaited, timeUp]);
  } finally {
    cancel();
  }
}
