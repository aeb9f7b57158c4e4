import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { checkedOperations } from './checked-operations.ts';

it('keeps the operations that came last, and no more than fit', async () => {
  const operations = checkedOperations();
  const fields = Array.from({ length: 100 }, (_, index) => `field${index}`).join(' ');
  for (let count = 0; count < 1000; count += 1)
    await operations.set(`${count}`, parse(`query Q${count} { ${fields} }`));
  expect(operations.keys().length).toBeGreaterThan(100);
  expect(operations.keys().length).toBeLessThan(500);
  expect(await operations.get('999')).toBeDefined();
  expect(await operations.get('0')).toBeUndefined();
});
