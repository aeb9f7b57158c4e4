import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import type { NativePort } from './addon.ts';
import { OutputPlaces } from './output-places.ts';

const FP32 = 1;
const STRING = 8;
const COMPLEX = 14;
const NO_TENSOR = 0;
const port = (name: string, symbols: (number | string)[], elementType = FP32): NativePort => ({
  name,
  ...(elementType !== NO_TENSOR && { elementType }),
  shape: symbols.map((size) => (typeof size === 'number' ? size : -1)),
  symbols: symbols.map((size) => (typeof size === 'number' ? '' : size)),
});
const tensor = (name: string, shape: number[]): Tensor => ({ name, datatype: 'FP32', shape, data: new Uint8Array(0) });

/** The shape of the output's place, when a model has such an output and these inputs. */
function placed(output: NativePort, ...inputs: Tensor[]) {
  const places = new OutputPlaces([port('left', ['batch', 3]), port('right', ['rows', 'batch'])], [output]);
  return places.take(inputs, [output.name], (sizeBytes) => new Uint8Array(sizeBytes))?.[0];
}

describe('OutputPlaces', () => {
  const [left, right] = [tensor('left', [5, 3]), tensor('right', [2, 5])];

  it.each([
    ['fixed sizes', port('sum', [4, 2]), [4, 2]],
    ['none at all', port('sum', []), []],
    ['the size of an input', port('sum', ['batch', 10]), [5, 10]],
    ['sizes of several inputs', port('sum', ['rows', 'batch', 2]), [2, 5, 2]],
  ])('has places for outputs of %s', (_, output, shape) => {
    const size = 4 * shape.reduce((product, axis) => product * axis, 1);
    const expected = { name: 'sum', datatype: 'FP32', shape, data: new Uint8Array(size) };
    expect(placed(output, left, right)).toEqual(expected);
  });

  it.each([
    ['a free size without a name', port('sum', ['batch', ''])],
    ["a size that is no input's", port('sum', ['batch', 'wider'])],
    ['strings', port('sum', ['batch'], STRING)],
    ['what is no tensor', port('sum', ['batch'], NO_TENSOR)],
    ['a type that cannot be carried', port('sum', ['batch'], COMPLEX)],
  ])('has none for outputs of %s', (_, output) => expect(placed(output, left, right)).toBeUndefined());

  it('has none for a run whose inputs do not tell', () => {
    const output = port('sum', ['rows', 'batch']);
    expect(placed(output, left)).toBeUndefined();
    expect(placed(output, left, tensor('right', []))).toBeUndefined();
  });

  it('leaves out outputs that no memory was given for', () => {
    const places = new OutputPlaces([port('given', ['batch'])], [port('small', ['batch']), port('large', [1000])]);
    const take = (sizeBytes: number) => (sizeBytes > 100 ? undefined : new Uint8Array(sizeBytes));
    const taken = places.take([tensor('given', [2])], ['large', 'small'], take);
    expect(taken?.map((place) => place?.name)).toEqual([undefined, 'small']);
    expect(places.take([tensor('given', [2])], ['large'], take)).toBeUndefined();
  });
});
