import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The newest of what is told, for a reader of any speed: what comes while it reads replaces what waits.
 *
 * @param listen begins to tell, and answers what ends that.
 * @param pauseMs least time between two values.
 */
export function newestValues<T>(
  listen: (tell: (value: T) => void) => () => void,
  pauseMs: number,
): AsyncIterableIterator<T> {
  const ended = new AbortController();
  let waiting: { readonly value: T } | undefined;
  let wake: (() => void) | undefined;
  let pauseEndsAtMs = 0;
  const stopListening = listen((value) => {
    waiting = { value };
    wake?.();
  });
  const untilTold = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return {
    async next() {
      const pause = pauseEndsAtMs - performance.now();
      if (pause > 0) await sleep(pause, undefined, { signal: ended.signal }).catch(() => {});
      while (waiting === undefined && !ended.signal.aborted) await untilTold();
      if (waiting === undefined || ended.signal.aborted) return { done: true, value: undefined };
      const { value } = waiting;
      waiting = undefined;
      pauseEndsAtMs = performance.now() + pauseMs;
      return { done: false, value };
    },
    async return() {
      ended.abort();
      stopListening();
      wake?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
