import { expect, it } from 'vitest';
import { giveBackStartMemory } from './start-memory.ts';

it('gives the room of what is no longer needed back to the system', () => {
  const heapBytes = () => process.memoryUsage().heapTotal;
  const needed = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  const grown = heapBytes();
  needed.length = 0;
  giveBackStartMemory();
  expect(heapBytes()).toBeLessThan(grown - 20 * 2 ** 20);
  expect(globalThis.gc).toBeUndefined();
});
