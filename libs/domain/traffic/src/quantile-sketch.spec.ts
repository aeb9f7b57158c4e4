import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuantileSketch } from './quantile-sketch.ts';

const ACCURACY = 0.01;
const numbers = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });
const sketchOf = (values: readonly number[], accuracy = ACCURACY) => {
  const sketch = new QuantileSketch(accuracy);
  for (const value of values) sketch.add(value);
  return sketch;
};

describe('QuantileSketch', () => {
  it('knows every quantile to its relative accuracy', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const exact = values.toSorted((left, right) => left - right)[Math.floor(share * (values.length - 1))] ?? 0;
        const found = sketchOf(values).quantile(share);
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.abs(exact) * ACCURACY * 1.0001 + Number.MIN_VALUE);
      }),
    );
  });

  it('merges exactly: in any split and order the buckets are those of one sketch of all', () => {
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const merged = sketchOf(right);
        merged.merge(sketchOf(left));
        const whole = sketchOf([...left, ...right]);
        const sorted = ({ zeros, positive, negative }: ReturnType<QuantileSketch['toBuckets']>) => ({
          zeros,
          positive: positive.toSorted(([one], [other]) => one - other),
          negative: negative.toSorted(([one], [other]) => one - other),
        });
        expect(sorted(merged.toBuckets())).toEqual(sorted(whole.toBuckets()));
        expect(merged.count).toBe(whole.count);
      }),
    );
  });

  it('survives the way through its buckets', () => {
    const sketch = sketchOf([0, -3, 5, 5, 1e-9, 1e9]);
    const copy = QuantileSketch.fromBuckets(ACCURACY, sketch.toBuckets());
    expect(copy.toBuckets()).toEqual(sketch.toBuckets());
    expect(copy.count).toBe(6);
    expect(copy.mean).toBeCloseTo(sketch.mean);
  });

  it('counts what is above a limit, and leaves out what has no place in an order', () => {
    const sketch = sketchOf([1, 10, 100, 1000, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(sketch.countAbove(50)).toBe(2);
    expect(sketch.count).toBe(4);
  });

  it('has no quantile without numbers, and does not merge with another accuracy', () => {
    expect(sketchOf([]).quantile(0.5)).toBeNaN();
    expect(() => sketchOf([1]).merge(sketchOf([1], 0.05))).toThrow('different accuracies');
  });
});
