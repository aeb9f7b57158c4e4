import type { BatchStore } from './audit-chain.ts';

/** The sequence of the last batch, 0 for none, in as many steps as it has binary digits, twice. With a hole, the end of a part. */
export async function findEnd(store: Pick<BatchStore, 'has'>): Promise<number> {
  let above = 1;
  while (await store.has(above)) above *= 2;
  let end = Math.floor(above / 2);
  while (above - end > 1) {
    const middle = Math.floor((end + above) / 2);
    if (await store.has(middle)) end = middle;
    else above = middle;
  }
  return end;
}
