import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPluginTensors, toPluginTensor } from './plugin-tensors.ts';

const sent = (datatype: string, bytes: readonly number[], shape: readonly number[]) => ({
  name: 'x',
  datatype,
  shape,
  data: new Uint8Array(bytes).buffer,
});

describe('a tensor on its way to a plugin and back', () => {
  it.each([
    'BOOL',
    'UINT8',
    'UINT16',
    'UINT32',
    'UINT64',
    'INT8',
    'INT16',
    'INT32',
    'INT64',
    'FP16',
    'BF16',
    'FP32',
    'FP64',
  ])('%s has the same bytes, in the same memory', (datatype) => {
    const tensor = sent(datatype, [1, 2, 3, 4, 5, 6, 7, 8], [1]);
    const [back] = fromPluginTensors([toPluginTensor(tensor)]);
    expect(back?.data).toBe(tensor.data);
  });

  it('BYTES are byte strings, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (strings) => {
        const [there] = fromPluginTensors([{ name: 'x', datatype: 'BYTES', shape: [strings.length], data: strings }]);
        if (there === undefined) throw new Error('one tensor is expected');
        const { data } = toPluginTensor(there);
        expect((data as Uint8Array[]).map((string) => [...string])).toEqual(strings.map((string) => [...string]));
      }),
    );
  });

  it('can be given as numbers or texts, and as part of a larger array', () => {
    const part = new Float32Array([0, 1, 2]).subarray(1);
    const [numbers, wide, texts, view] = fromPluginTensors([
      { name: 'a', datatype: 'FP32', shape: [2], data: [1, 2] },
      { name: 'b', datatype: 'INT64', shape: [1], data: [7] },
      { name: 'c', datatype: 'BYTES', shape: [1], data: ['ä'] },
      { name: 'd', datatype: 'FP32', shape: [2], data: part },
    ]);
    expect(new Float32Array(numbers?.data ?? new ArrayBuffer())).toEqual(new Float32Array([1, 2]));
    expect(new BigInt64Array(wide?.data ?? new ArrayBuffer())).toEqual(new BigInt64Array([7n]));
    expect([...new Uint8Array(texts?.data ?? new ArrayBuffer())]).toEqual([2, 0, 0, 0, 0xc3, 0xa4]);
    expect(new Float32Array(view?.data ?? new ArrayBuffer())).toEqual(new Float32Array([1, 2]));
    expect(part.length).toBe(2);
  });

  it('does not give one buffer away twice', () => {
    const data = new Float32Array([1]);
    const [first, second] = fromPluginTensors([
      { name: 'a', datatype: 'FP32', shape: [1], data },
      { name: 'b', datatype: 'FP32', shape: [1], data },
    ]);
    expect(first?.data).not.toBe(second?.data);
  });

  it.each([
    [undefined, 'an array of tensors, not undefined'],
    [{ a: 1 }, 'an array of tensors, not Object'],
    [[null], 'tensors[0] is null'],
    [[{ name: 1 }], 'tensors[0].name must be a text, not Number'],
    [[{ name: 'a', shape: [1.5] }], 'tensors[0].shape'],
    [[{ name: 'a', shape: [1], datatype: 'FP8', data: [1] }], 'tensors[0].datatype FP8'],
    [[{ name: 'a', shape: [1], datatype: 'FP32', data: new Float64Array(1) }], 'must be a Float32Array'],
    [[{ name: 'a', shape: [1], datatype: 'BYTES', data: [1] }], 'must hold texts or byte strings, not Number'],
  ])('that is %j is none', (value, message) => {
    expect(() => fromPluginTensors(value)).toThrow(message);
  });
});
