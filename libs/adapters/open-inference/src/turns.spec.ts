import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('lets so many works go on at once, in the order in which they came, and goes on after one that failed', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const works = Array.from({ length: 5 }, (_, at) =>
    turns
      .take('one', () => {
        begun.push(at);
        return new Promise<number>((resolve, reject) => {
          ends[at] = (failed) => (failed ? reject(new Error('no')) : resolve(at));
        });
      })
      .catch(() => 'failed'),
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.(false);
  ends[2]?.(false);
  await settle();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.(false);
  ends[4]?.(false);
  expect(await Promise.all(works)).toEqual([0, 'failed', 2, 3, 4]);
  expect(await turns.take('one', async () => 'free')).toBe('free');
});

it('lets those who wait have their turns one after the other, however many works one of them has', async () => {
  const turns = new Turns(1);
  const done: string[] = [];
  const work = (whose: string, name: string) => turns.take(whose, async () => void done.push(name));
  const many = Array.from({ length: 100 }, (_, at) => work('greedy', `g${at}`));
  await Promise.all([...many, work('a', 'a0'), work('b', 'b0'), work('a', 'a1')]);
  expect(done.slice(0, 7)).toEqual(['g0', 'g1', 'a0', 'b0', 'g2', 'a1', 'g3']);
  expect(done.filter((name) => name.startsWith('g'))).toEqual(Array.from({ length: 100 }, (_, at) => `g${at}`));
});
