import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { JournalEntry, RolloutJournal } from '#application/rollout';
import { DomainError } from '#domain/errors';
import { RolloutJournals } from './rollout-journals.ts';

const entry = (name: string) => ({ namespace: 'default', name }) as JournalEntry;

it('looks at the bucket once for all who watch, tells each what is new, and stops with the last of them', async () => {
  let stored = [{ entry: entry('a'), etag: '1' }];
  let isDown = false;
  let looks = 0;
  const loadAll = async () => {
    looks += 1;
    if (isDown) throw new DomainError('STORE_UNAVAILABLE', 'gone');
    return stored;
  };
  const journals = new RolloutJournals({ loadAll } as unknown as RolloutJournal, 5);
  const told: Record<string, string[]> = { one: [], two: [] };
  const watch = (who: string) => journals.watch((entries) => told[who]?.push(...entries.map(({ name }) => name)));
  const until = (expected: object) => vi.waitFor(() => expect(told).toEqual(expected), { interval: 1 });

  const endOne = watch('one');
  await until({ one: ['a'], two: [] });
  const endTwo = watch('two');
  await until({ one: ['a'], two: ['a'] });
  stored = [...stored, { entry: entry('b'), etag: '1' }];
  await until({ one: ['a', 'b'], two: ['a', 'b'] });

  isDown = true;
  const before = looks;
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before + 1));
  [isDown, stored] = [false, [{ entry: entry('a'), etag: '2' }]];
  await until({ one: ['a', 'b', 'a'], two: ['a', 'b', 'a'] });

  endOne();
  endTwo();
  await sleep(20);
  const after = looks;
  await sleep(50);
  expect(looks).toBe(after);
  watch('one')();
});
