import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype } from './datatype.ts';
import type { Tensor } from './tensor.ts';
import { hasNonFinite, labelsOf, numbersOf } from './tensor-values.ts';
import { validateOutputs } from './validate-request.ts';

/** @param offset bytes before the elements, so that they may lie at odd places. */
function tensorOf(datatype: Datatype, shape: readonly number[], values: ArrayBufferView, offset = 0): Tensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const data = new Uint8Array(offset + bytes.byteLength);
  data.set(bytes, offset);
  return { name: 'y', datatype, shape, data: data.subarray(offset) };
}
const fp32 = (values: readonly number[], shape = [values.length], offset = 0) =>
  tensorOf('FP32', shape, Float32Array.from(values), offset);
const textTensor = (...texts: string[]): Tensor => {
  const elements = texts.map((text) => Buffer.from(text));
  const data = Buffer.concat(elements.flatMap((bytes) => [Uint8Array.from([bytes.length, 0, 0, 0]), bytes]));
  return { name: 'y', datatype: 'BYTES', shape: [texts.length], data };
};

describe('hasNonFinite', () => {
  it('finds what is no number wherever it stands and however the elements lie', () => {
    const values = fc.array(fc.double({ noNaN: false }), { maxLength: 20 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 8 }), (given, offset) => {
        const [wide, narrow, half] = [Float64Array.from(given), Float32Array.from(given), Float16Array.from(given)];
        const isOdd = (array: Float64Array | Float32Array | Float16Array) =>
          array.some((value: number) => !Number.isFinite(value));
        expect(hasNonFinite(tensorOf('FP64', [given.length], wide, offset))).toBe(isOdd(wide));
        expect(hasNonFinite(tensorOf('FP32', [given.length], narrow, offset))).toBe(isOdd(narrow));
        expect(hasNonFinite(tensorOf('FP16', [given.length], half, offset))).toBe(isOdd(half));
      }),
    );
  });

  it('knows BF16, and no such number among integers and texts', () => {
    expect(hasNonFinite(tensorOf('BF16', [2], Uint16Array.from([0x3f80, 0x7f80])))).toBe(true);
    expect(hasNonFinite(tensorOf('BF16', [1], Uint16Array.from([0x7f7f])))).toBe(false);
    expect(hasNonFinite(tensorOf('INT32', [1], Int32Array.from([0x7f800000])))).toBe(false);
    expect(hasNonFinite(textTensor('NaN'))).toBe(false);
  });
});

describe('labelsOf', () => {
  it('takes the index of the largest number along the last axis', () => {
    expect(labelsOf(fp32([0, 2, 1, 5, 4, 3], [2, 3], 1), 10)).toEqual(['1', '0']);
    expect(labelsOf(fp32([0, 2, 1, 5, 4, 3], [2, 3]), 1)).toEqual(['1']);
  });

  it('takes integers, truth values and texts as they are', () => {
    expect(labelsOf(tensorOf('INT64', [2], BigInt64Array.from([7n, -1n])), 10)).toEqual(['7', '-1']);
    expect(labelsOf(tensorOf('BOOL', [2], Uint8Array.from([1, 0])), 10)).toEqual(['1', '0']);
    expect(labelsOf(textTensor('cat', '', 'Käse'), 10)).toEqual(['cat', '', 'Käse']);
  });

  it('finds none in single numbers', () => {
    expect(labelsOf(fp32([1, 2]), 10)).toBeUndefined();
    expect(labelsOf(fp32([1, 2], [2, 1]), 10)).toBeUndefined();
  });
});

it('numbersOf reads the first numbers of every datatype', () => {
  expect(numbersOf(fp32([1.5, -2, 3], [3], 3), 2)).toEqual([1.5, -2]);
  expect(numbersOf(tensorOf('BF16', [1], Uint16Array.from([0xc000])), 9)).toEqual([-2]);
  expect(numbersOf(tensorOf('FP16', [1], Float16Array.from([0.5])), 9)).toEqual([0.5]);
  expect(numbersOf(tensorOf('UINT64', [1], BigUint64Array.from([3n])), 9)).toEqual([3]);
  expect(numbersOf(tensorOf('INT16', [1], Int16Array.from([-3]), 1), 9)).toEqual([-3]);
  expect(numbersOf(textTensor('1'), 9)).toEqual([]);
});

describe('validateOutputs', () => {
  const signature = {
    inputs: [],
    outputs: [
      { name: 'y', datatype: 'FP32', shape: [-1, 2] },
      { name: 'z', datatype: 'INT64', shape: [] },
    ],
  } as const;

  it('takes what the signature promises', () => {
    expect(() => validateOutputs(signature, ['y'], [fp32([1, 2, 3, 4], [2, 2])])).not.toThrow();
  });

  it.each([
    ['output "y" has shape [2,1] and not [-1,2]', ['y'], [fp32([1, 2], [2, 1])]],
    ['output "y" has shape [2] and not [-1,2]', ['y'], [fp32([1, 2])]],
    ['output "y" is INT32 and not FP32', ['y'], [tensorOf('INT32', [1, 2], Int32Array.from([1, 2]))]],
    ['output 0 is "y" and not "z"', ['z'], [fp32([1, 2], [1, 2])]],
    ['0 outputs came for 1', ['y'], []],
  ] as const)('refuses others: %s', (problem, wanted, outputs) => {
    expect(() => validateOutputs(signature, wanted, outputs)).toThrow(
      expect.objectContaining({ code: 'MODEL_RUN_FAILED', message: expect.stringContaining(problem) }),
    );
  });
});
