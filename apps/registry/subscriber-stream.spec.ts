import { expect, it } from 'vitest';
import { subscriberStream } from './subscriber-stream.ts';

function numbers() {
  let tell: (values: readonly number[]) => void = () => {};
  let isListening = true;
  const stream = subscriberStream<number>((given) => {
    tell = given;
    return () => {
      isListening = false;
    };
  });
  return { stream, tell: (...values: number[]) => tell(values), isListening: () => isListening };
}

it('gives what was told, in order, waiting for more', async () => {
  const { stream, tell } = numbers();
  tell(1, 2);
  expect([await stream.next(), await stream.next()]).toMatchObject([{ value: 1 }, { value: 2 }]);
  const third = stream.next();
  tell(3);
  expect(await third).toEqual({ done: false, value: 3 });
});

it('ends at once for who goes away while waiting, and stops listening', async () => {
  const { stream, isListening } = numbers();
  const waiting = stream.next();
  await stream.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(isListening()).toBe(false);
});

it('gives up on who reads too slowly', async () => {
  const { stream, tell, isListening } = numbers();
  tell(...Array(1001).keys());
  await expect(stream.next()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(isListening()).toBe(false);
});
