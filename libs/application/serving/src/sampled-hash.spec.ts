import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import { sampledHash } from './sampled-hash.ts';

const tensor = (data: Uint8Array, shape: readonly number[] = [data.byteLength]): Tensor => ({
  name: 'x',
  datatype: 'UINT8',
  shape,
  data,
});

it('sampledHash tells small tensors apart by any byte, and by their shape', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (data, at, by) => {
      const other = data.slice();
      const place = at % data.length;
      other[place] = (other[place] as number) ^ by;
      expect(sampledHash([tensor(data)])).toBe(sampledHash([tensor(data.slice())]));
      expect(sampledHash([tensor(data)])).not.toBe(sampledHash([tensor(other)]));
      expect(sampledHash([tensor(data)])).not.toBe(sampledHash([tensor(data, [1, data.length])]));
    }),
  );
});

it('sampledHash tells large tensors apart that differ all over', () => {
  const data = Uint8Array.from({ length: 600_000 }, (_, index) => index % 251);
  const other = data.map((value) => value ^ 1);
  expect(sampledHash([tensor(data)])).not.toBe(sampledHash([tensor(other)]));
});
