import { expect, it } from 'vitest';
import type { ObjectStore } from '#application/registry';
import { DomainError } from '#domain/errors';
import { StoreReadiness } from './store-readiness.ts';

const storeThat = (head: () => Promise<undefined>) => ({ head }) as unknown as ObjectStore;

it('is told at once by a store that answers or fails', async () => {
  await new StoreReadiness(storeThat(async () => undefined)).assert();
  const gone = storeThat(() => Promise.reject(new DomainError('STORE_UNAVAILABLE', 'gone')));
  await expect(new StoreReadiness(gone).assert()).rejects.toThrow('gone');
});

it('does not wait for a store that says nothing, asks it once for many, and again when it has answered', async () => {
  let asked = 0;
  let answer = () => {};
  const silent = storeThat(() => {
    asked += 1;
    return new Promise((resolve) => {
      answer = () => resolve(undefined);
    });
  });
  const readiness = new StoreReadiness(silent, 10);
  const asks = [readiness.assert(), readiness.assert()];
  for (const ask of asks) await expect(ask).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect(readiness.assert()).rejects.toThrow('within 10 ms');
  expect(asked).toBe(1);
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  const next = readiness.assert();
  answer();
  await next;
  expect(asked).toBe(2);
});
