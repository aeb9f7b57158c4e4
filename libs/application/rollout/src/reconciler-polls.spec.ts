import { expect, it } from 'vitest';
import { Reconciler, type ReconcilerParts } from './index.ts';

it('lets calls during a look share one that follows: the look may have been too early for them', async () => {
  let looks = 0;
  const answers: (() => void)[] = [];
  const reconciler = new Reconciler({
    source: {
      poll: async () => {
        looks += 1;
        await new Promise<void>((resolve) => answers.push(resolve));
        return { commit: undefined, branch: 'main', files: [], strays: [] };
      },
    },
    fleet: { publish: () => {}, onReport: () => {} },
    journal: { takeOver: async () => [] },
    scheduler: { nowMs: () => 0 },
  } as unknown as ReconcilerParts);
  await reconciler.start();
  const first = reconciler.poll();
  const during = [reconciler.poll(), reconciler.poll()];
  expect(looks).toBe(1);
  answers[0]?.();
  await first;
  await new Promise(setImmediate);
  expect(looks).toBe(2);
  answers[1]?.();
  await Promise.all(during);
  expect(looks).toBe(2);
});

it('takes what a look found while the lease had lapsed as soon as it is renewed', async () => {
  let authority = 'full';
  const told: string[] = [];
  const notice = { code: 'HISTORY_REWRITTEN', severity: 'warning', message: 'found', paths: [] };
  const reconciler = new Reconciler({
    source: {
      poll: async () => {
        authority = 'protective';
        return { commit: 'c1', branch: 'main', files: [], strays: [], notices: [notice] };
      },
    },
    fleet: { publish: () => {}, onReport: () => {} },
    journal: { takeOver: async () => [] },
    scheduler: { nowMs: () => 0 },
    authority: () => authority,
    onNotice: ({ message }: { message: string }) => told.push(message),
  } as unknown as ReconcilerParts);
  await reconciler.start();
  await reconciler.poll();
  expect(told).toEqual([]);
  authority = 'full';
  reconciler.resume();
  expect(told).toEqual(['found']);
  reconciler.resume();
  expect(told).toEqual(['found']);
});
