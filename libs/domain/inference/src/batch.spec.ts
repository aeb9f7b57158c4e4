import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchPlacer, splitRows } from './batch.ts';
import type { Tensor } from './tensor.ts';

const spec = (shape: readonly number[]) => ({ name: 'x', datatype: 'FP32' as const, shape });
const tensor = (shape: readonly number[]): Tensor => ({ ...spec(shape), data: new Uint8Array() });

describe('batchPlacer', () => {
  it('joins what differs in the first axis alone', () => {
    const place = batchPlacer({ inputs: [spec([-1, 4])], outputs: [] });
    expect(place([tensor([1, 4])])).toEqual({ key: '', rows: 1 });
    expect(place([tensor([3, 4])])).toEqual({ key: '', rows: 3 });
  });

  it('keeps lengths apart', () => {
    const place = batchPlacer({ inputs: [spec([-1, -1]), spec([-1, 7, -1])], outputs: [] });
    const keys = [
      [tensor([1, 5]), tensor([1, 7, 2])],
      [tensor([2, 5]), tensor([2, 7, 2])],
      [tensor([1, 52]), tensor([1, 7, 2])],
      [tensor([1, 5]), tensor([1, 7, 22])],
    ].map((inputs) => place(inputs).key);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(3);
  });

  it.each([
    ['inputs disagree on the rows', [tensor([1, 4]), tensor([2, 4])]],
    ['there are no rows', [tensor([0, 4])]],
    ['an input is a scalar', [tensor([])]],
    ['there are no inputs', []],
  ])('leaves a request alone when %s', (_, inputs) => {
    const inputSpecs = inputs.map(({ shape }) => spec([-1, ...shape.slice(1)]));
    expect(batchPlacer({ inputs: inputSpecs, outputs: [] })(inputs).key).toBeUndefined();
  });

  it('counts no rows where the first axis has a fixed size', () => {
    const place = batchPlacer({ inputs: [spec([16])], outputs: [] });
    expect(place([tensor([16])])).toEqual({ key: undefined, rows: 1 });
  });
});

describe('splitRows', () => {
  const bytesOf = (texts: readonly string[]) =>
    Buffer.concat(
      texts.map((text) => {
        const bytes = Buffer.from(text);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.byteLength);
        return Buffer.concat([length, bytes]);
      }),
    );

  it('gives every request its own rows, of numbers and of texts', () => {
    const request = fc.array(fc.tuple(fc.float(), fc.string()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), (requests) => {
        const all = requests.flat();
        const numbers = new Uint8Array(Float32Array.from(all.map(([number]) => number)).buffer);
        const texts = bytesOf(all.map(([, text]) => text));
        const parts = splitRows(
          [
            { name: 'n', datatype: 'FP32', shape: [all.length, 1], data: numbers },
            { name: 't', datatype: 'BYTES', shape: [all.length], data: texts },
          ],
          requests.map((rows) => rows.length),
        );
        expect(parts).toEqual(
          requests.map((rows) => [
            {
              name: 'n',
              datatype: 'FP32',
              shape: [rows.length, 1],
              data: new Uint8Array(Float32Array.from(rows.map(([number]) => number)).buffer),
            },
            { name: 't', datatype: 'BYTES', shape: [rows.length], data: bytesOf(rows.map(([, text]) => text)) },
          ]),
        );
      }),
    );
  });

  it('finds outputs that have other rows than went in', () => {
    const output = { name: 'n', datatype: 'UINT8' as const, shape: [1], data: new Uint8Array(1) };
    expect(splitRows([output], [1, 1])).toBeUndefined();
  });
});
