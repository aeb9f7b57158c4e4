import type { EventLog } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { RegistryEvent } from '#domain/registry';

/** Events that a subscriber may be behind. */
const MAX_WAITING = 1000;

/**
 * The events of a log from now on, for one subscriber.
 *
 * @param choose answers what the subscriber gets for an event; `undefined` for nothing.
 * @throws QUEUE_FULL out of the iteration when the subscriber reads too slowly.
 */
export function eventStream<T>(
  log: EventLog,
  choose: (event: RegistryEvent) => T | undefined,
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  let isEnded = false;
  let isTooSlow = false;
  let wake: (() => void) | undefined;
  const stopListening = log.listen((events) => {
    for (const event of events) {
      const chosen = choose(event);
      if (chosen !== undefined) waiting.push(chosen);
    }
    isTooSlow ||= waiting.length > MAX_WAITING;
    wake?.();
  });
  const end = () => {
    isEnded = true;
    stopListening();
    wake?.();
  };
  return {
    async next() {
      for (;;) {
        if (isTooSlow) {
          end();
          throw new DomainError(
            'QUEUE_FULL',
            `the subscriber is more than ${MAX_WAITING} events behind: subscribe again`,
          );
        }
        const value = waiting.shift();
        if (value !== undefined) return { done: false, value };
        if (isEnded) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
