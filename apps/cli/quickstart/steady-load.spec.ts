import { expect, it } from 'vitest';
import { SteadyLoad } from './steady-load.ts';

const untilSent = async (load: SteadyLoad, count: number) => {
  const deadline = performance.now() + 10_000;
  while (load.totals.sent < count && performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve));
};

it('counts answers, fallbacks and failures, and keeps the first failure', async () => {
  const load = new SteadyLoad(1000, async (index) => {
    if (index % 5 === 0) throw new Error(`request ${index} failed`);
    return { isFallback: index % 5 === 1 };
  });
  load.start();
  await untilSent(load, 50);
  const totals = await load.stop();
  expect(totals.sent).toBe(totals.succeeded + totals.failed);
  expect(totals.failed).toBe(Math.ceil(totals.sent / 5));
  expect(totals.fallbacks).toBe(Math.ceil((totals.sent - 1) / 5));
  expect(totals.firstFailure).toBe('request 0 failed');
});

it('goes on sending while answers are slow, and waits for them at the end', async () => {
  const answers: (() => void)[] = [];
  const load = new SteadyLoad(1000, () => new Promise((resolve) => answers.push(() => resolve({ isFallback: false }))));
  load.start();
  await untilSent(load, 20);
  const stopped = load.stop();
  expect(load.totals.succeeded).toBe(0);
  for (const answer of answers) answer();
  expect((await stopped).succeeded).toBe(answers.length);
});
