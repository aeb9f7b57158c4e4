import { expect, it } from 'vitest';
import { newestValues } from './newest-values.ts';

function numbers(pauseMs = 0) {
  let tell: (value: number) => void = () => {};
  let isListening = true;
  const values = newestValues<number>((given) => {
    tell = given;
    return () => {
      isListening = false;
    };
  }, pauseMs);
  return { values, tell: (value: number) => tell(value), isListening: () => isListening };
}

it('gives a slow reader the newest value, and not those before it', async () => {
  const { values, tell } = numbers();
  tell(1);
  tell(2);
  expect(await values.next()).toEqual({ done: false, value: 2 });
  const next = values.next();
  tell(3);
  expect(await next).toEqual({ done: false, value: 3 });
});

it('leaves a pause between two values, and gives the newest after it', async () => {
  const { values, tell } = numbers(40);
  tell(1);
  const startedAt = performance.now();
  await values.next();
  tell(2);
  const second = values.next();
  tell(3);
  expect((await second).value).toBe(3);
  expect(performance.now() - startedAt).toBeGreaterThan(38);
});

it('ends at once for who goes away, while waiting and in the pause, and stops listening', async () => {
  const waiting = numbers();
  const next = waiting.values.next();
  await waiting.values.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(waiting.isListening()).toBe(false);

  const paused = numbers(60_000);
  paused.tell(1);
  await paused.values.next();
  paused.tell(2);
  const afterPause = paused.values.next();
  await paused.values.return?.();
  expect(await afterPause).toEqual({ done: true, value: undefined });
});
