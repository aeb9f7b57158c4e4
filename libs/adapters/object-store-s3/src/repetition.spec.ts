import { expect, it } from 'vitest';
import { Repetition } from './repetition.ts';

const failing = (failures: number) => {
  const world = { tries: 0, act: async () => '' };
  world.act = async () => {
    world.tries += 1;
    if (world.tries <= failures) throw new Error(`failure ${world.tries}`);
    return 'done';
  };
  return world;
};

it('tries up to three times, and throws what came last', async () => {
  const twice = failing(2);
  expect(await new Repetition().run(twice.act, () => true)).toBe('done');
  const always = failing(9);
  await expect(new Repetition().run(always.act, () => true)).rejects.toThrow('failure 3');
  expect([twice.tries, always.tries]).toEqual([3, 3]);
});

it('does not repeat what is not worth it', async () => {
  const always = failing(9);
  await expect(new Repetition().run(always.act, () => false)).rejects.toThrow('failure 1');
});

it('adds a tenth to the requests at most, where all of them fail', async () => {
  const repetition = new Repetition();
  let tries = 0;
  const act = async () => {
    tries += 1;
    throw new Error('down');
  };
  const calls = async (count: number) => {
    const before = tries;
    await Promise.allSettled(Array.from({ length: count }, () => repetition.run(act, () => true)));
    return tries - before;
  };
  expect(await calls(100)).toBeLessThanOrEqual(100 + 10 + 10);
  expect(await calls(100)).toBeGreaterThan(100);
  // By now there is no credit but what each call brings.
  expect(await calls(100)).toBeLessThanOrEqual(100 + 10 + 1);
});

it('has tries for what fails now and then, however long', async () => {
  const repetition = new Repetition();
  await Promise.allSettled(Array.from({ length: 30 }, () => repetition.run(failing(9).act, () => true)));
  for (let call = 0; call < 20; call += 1) await repetition.run(failing(0).act, () => true);
  for (let call = 0; call < 100; call += 1) {
    const seldom = failing(call % 20 === 0 ? 1 : 0);
    expect(await repetition.run(seldom.act, () => true)).toBe('done');
  }
});
