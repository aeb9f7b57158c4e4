import { DomainError } from '#domain/errors';

/** Values that a subscriber may be behind. */
const MAX_WAITING = 1000;

/**
 * What one subscriber is told, as it comes, until it goes away.
 *
 * @param listen begins to tell, and answers what ends that.
 * @throws QUEUE_FULL out of the iteration when the subscriber reads too slowly.
 */
export function subscriberStream<T>(
  listen: (tell: (values: readonly T[]) => void) => () => void,
): AsyncIterableIterator<T> {
  const waiting: T[] = [];
  let isEnded = false;
  let isTooSlow = false;
  let wake: (() => void) | undefined;
  const stopListening = listen((values) => {
    waiting.push(...values);
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
