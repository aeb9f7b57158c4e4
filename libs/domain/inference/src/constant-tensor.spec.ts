import fc from 'fast-check';
import { expect, it } from 'vitest';
import { constantTensor, DATATYPE_SIZE_BYTES, type Datatype, validateByteLength } from './index.ts';

const READ: Partial<Record<Datatype, (view: DataView) => number | bigint>> = {
  BOOL: (view) => view.getUint8(0),
  UINT8: (view) => view.getUint8(0),
  UINT16: (view) => view.getUint16(0, true),
  UINT32: (view) => view.getUint32(0, true),
  UINT64: (view) => view.getBigUint64(0, true),
  INT8: (view) => view.getInt8(0),
  INT16: (view) => view.getInt16(0, true),
  INT32: (view) => view.getInt32(0, true),
  INT64: (view) => view.getBigInt64(0, true),
  FP16: (view) => new Float16Array(view.buffer.slice(0, 2))[0] ?? Number.NaN,
  BF16: (view) => new Float32Array(Uint16Array.from([0, view.getUint16(0, true)]).buffer)[0] ?? Number.NaN,
  FP32: (view) => view.getFloat32(0, true),
  FP64: (view) => view.getFloat64(0, true),
};

it.each(Object.keys(READ) as Datatype[])('constantTensor knows the 0 and 1 of %s', (datatype) => {
  for (const value of [0, 1] as const) {
    const { data } = constantTensor({ name: 'x', datatype, shape: [2] }, 1, value);
    const size = DATATYPE_SIZE_BYTES[datatype] ?? 0;
    const elements = [0, size].map((at) => READ[datatype]?.(new DataView(data.buffer.slice(at))));
    expect(elements.map(Number)).toEqual([value, value]);
  }
});

it('constantTensor gives a free first axis the rows and other free axes one, with as many bytes as its shape needs', () => {
  const shape = fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 });
  const datatype = fc.constantFrom(...(Object.keys(DATATYPE_SIZE_BYTES) as Datatype[]));
  fc.assert(
    fc.property(datatype, shape, fc.nat(5), (type, axes, rows) => {
      const tensor = constantTensor({ name: 'x', datatype: type, shape: axes }, rows, 0);
      expect(tensor.shape).toEqual(axes.map((size, axis) => (size !== -1 ? size : axis === 0 ? rows : 1)));
      expect(() => validateByteLength(tensor, 'x')).not.toThrow();
    }),
  );
});
