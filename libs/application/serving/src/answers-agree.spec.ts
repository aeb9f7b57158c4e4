import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import { agree, disagreements } from './answers-agree.ts';

const fp32 = (values: readonly number[], shape: readonly number[] = [values.length], name = 'y'): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const positive = fc.array(fc.float({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('agree', () => {
  it('takes numbers for the same within the tolerance, which is a share of the larger one', () => {
    fc.assert(
      fc.property(positive, (values) => {
        const near = values.map((value) => value * 1.0009);
        const far = values.map((value, index) => (index === values.length - 1 ? value * 1.002 : value));
        expect(agree(fp32(values), fp32(near), 0.001)).toBe(true);
        expect(agree(fp32(values), fp32(far), 0.001)).toBe(false);
        expect(agree(fp32(values), fp32([...values, 1]), 1)).toBe(false);
      }),
    );
  });

  it('compares of scores only which one is the largest', () => {
    const scores = fp32([0.1, 0.9, 0.6, 0.4], [2, 2]);
    expect(agree(scores, fp32([0.4, 0.5, 0.9, 0.1], [2, 2]), 0)).toBe(true);
    expect(agree(scores, fp32([0.1, 0.9, 0.4, 0.6], [2, 2]), 1)).toBe(false);
  });

  it('compares what is no number by itself', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, -0];
    expect(agree(fp32(odd), fp32(odd), 0)).toBe(true);
    expect(agree(fp32([Number.NaN]), fp32([1]), 1)).toBe(false);
    expect(agree(fp32([Number.POSITIVE_INFINITY]), fp32([1e30]), 1)).toBe(false);
    expect(agree(fp32([Number.POSITIVE_INFINITY]), fp32([Number.NEGATIVE_INFINITY]), 1)).toBe(false);
  });
});

describe('disagreements', () => {
  const watched = [
    { output: 'y', tolerance: 0 },
    { output: 'z', tolerance: 0 },
  ];

  it('names the outputs that differ, one that the candidate has not among them', () => {
    const stable = [fp32([1]), fp32([2], [1], 'z')];
    expect(disagreements(watched, stable, [fp32([1]), fp32([3], [1], 'z')])).toEqual(['z']);
    expect(disagreements(watched, stable, [fp32([1])])).toEqual(['z']);
    expect(disagreements(watched, stable, stable)).toEqual([]);
  });

  it('has nothing to say of answers without those outputs', () => {
    expect(disagreements(watched, [fp32([1], [1], 'other')], [])).toBeUndefined();
    expect(disagreements([], [fp32([1])], [fp32([2])])).toBeUndefined();
  });
});
