import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Datatype, type Tensor, validateByteLength } from '#domain/inference';
import { packStrings, unpackStrings } from './byte-strings.ts';
import type { CombineStep, ProcessingStep } from './ensemble-spec.ts';
import { processStep, typesOfStep } from './process-step.ts';
import { bytesOfNumbers, integers64Of, numbersOf } from './tensor-numbers.ts';
import { fits } from './tensor-type.ts';

const tensor = (datatype: Datatype, shape: readonly number[], values: readonly number[]): Tensor => ({
  name: 'x',
  datatype,
  shape,
  data: bytesOfNumbers(datatype, values),
});
const counted = (shape: readonly number[], datatype: Datatype = 'FP32') => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(
    datatype,
    shape,
    Array.from({ length: count }, (_, index) => index),
  );
};
/** Bytes that begin nowhere that suits a typed array, as those of a request may. */
const misaligned = (given: Tensor): Tensor => {
  const data = new Uint8Array(given.data.byteLength + 1).subarray(1);
  data.set(given.data);
  return { ...given, data };
};
const strings = (...texts: string[]): Tensor => ({
  name: 'x',
  datatype: 'BYTES',
  shape: [texts.length],
  data: packStrings(texts.map((text) => new TextEncoder().encode(text))),
});
const run = (step: ProcessingStep, ...inputs: (Tensor | undefined)[]) => {
  const [output] = processStep(step, inputs);
  if (output === undefined) throw new Error('the step gave nothing');
  validateByteLength(output, 'output');
  return output;
};
const valuesOf = (output: Tensor) => [...Array.from(numbersOf(output))];
const io = { input: 'x', output: 'y' };

describe('cast', () => {
  const cast = (datatype: Datatype, input: Tensor) => run({ kind: 'cast', ...io, datatype }, input);

  it('takes the nearest number that the datatype has', () => {
    const floats = tensor('FP32', [6], [1.9, -1.9, 300, -300, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(valuesOf(cast('UINT8', floats))).toEqual([1, 0, 255, 0, 0, 255]);
    expect(valuesOf(cast('INT8', floats))).toEqual([1, -1, 127, -128, 0, 127]);
    expect([...integers64Of(cast('INT64', floats))]).toEqual([1n, -1n, 300n, -300n, 0n, 2n ** 63n - 1n]);
    expect([...integers64Of(cast('UINT64', floats))]).toEqual([1n, 0n, 300n, 0n, 0n, 2n ** 64n - 1n]);
    expect(valuesOf(cast('BOOL', tensor('FP32', [3], [0, -0.5, 7])))).toEqual([0, 1, 1]);
  });

  it('keeps 64-bit integers exact among each other', () => {
    const long = { name: 'x', datatype: 'INT64' as const, shape: [2], data: new Uint8Array(16) };
    new BigInt64Array(long.data.buffer).set([2n ** 53n + 1n, -5n]);
    expect([...integers64Of(cast('UINT64', long))]).toEqual([2n ** 53n + 1n, 0n]);
  });

  it('rounds BF16 to the nearest, ties to even', () => {
    const floats = tensor('FP32', [4], [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, Number.NaN]);
    const [one, down, up, none] = valuesOf(cast('BF16', floats));
    expect([one, down, up]).toEqual([1, 1, 1 + 2 ** -6]);
    expect(none).toBeNaN();
  });

  it('brings small integers through every datatype and back', () => {
    const datatypes = [
      'UINT8',
      'INT8',
      'UINT16',
      'INT16',
      'UINT32',
      'INT32',
      'UINT64',
      'INT64',
      'FP16',
      'BF16',
      'FP32',
      'FP64',
    ] as const;
    fc.assert(
      fc.property(
        fc.array(fc.nat(100)),
        fc.constantFrom(...datatypes),
        fc.constantFrom(...datatypes),
        (values, from, to) => {
          const there = cast(to, misaligned(tensor(from, [values.length], values)));
          expect(valuesOf(cast(from, misaligned(there)))).toEqual(values);
        },
      ),
    );
  });
});

describe('scale', () => {
  it('takes one mean and deviation for all elements, or one for each index of an axis', () => {
    const one = run({ kind: 'scale', ...io, mean: [2], std: [4], axis: undefined }, tensor('UINT8', [2], [2, 10]));
    expect([one.datatype, ...valuesOf(one)]).toEqual(['FP32', 0, 2]);
    const channels = { kind: 'scale', ...io, mean: [0, 100], std: [1, 10], axis: 1 } as const;
    const image = tensor('FP64', [2, 2, 2], [1, 2, 110, 120, 3, 4, 130, 140]);
    expect(valuesOf(run(channels, image))).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
    expect(valuesOf(run({ ...channels, axis: -2 }, image))).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
    expect(() => run({ ...channels, mean: [1, 2, 3] }, image)).toThrow(/scale\.axis: axis 1 has 2 indices/);
  });
});

describe('reshape and transpose', () => {
  it.each([
    [
      [2, 64],
      [0, 1, 8, 8],
      [2, 1, 8, 8],
    ],
    [
      [2, 3, 4],
      [0, -1],
      [2, 12],
    ],
    [
      [2, 3, 4],
      [-1, 4],
      [6, 4],
    ],
    [[1], [], []],
    [
      [0, 5],
      [0, 5, 1],
      [0, 5, 1],
    ],
  ])('gives %j the shape %j: %j', (from, shape, to) => {
    const reshaped = run({ kind: 'reshape', ...io, shape }, counted(from));
    expect(reshaped.shape).toEqual(to);
    expect(valuesOf(reshaped)).toEqual(valuesOf(counted(from)));
  });

  it.each([
    [[2, 3], [4], /FP32 \[2,3\] cannot become \[4\]/],
    [[2, 3], [4, -1], /cannot become \[4,-1\]/],
    [[2], [0, 0], /has no axis 1 to keep/],
  ])('cannot give %j the shape %j', (from, shape, problem) => {
    expect(() => run({ kind: 'reshape', ...io, shape }, counted(from))).toThrow(problem);
  });

  it('knows before a request what cannot fit whatever the open axes are', () => {
    const shapeOf = (from: readonly number[], shape: readonly number[]) =>
      typesOfStep({ kind: 'reshape', ...io, shape }, [{ datatype: 'FP32', shape: from }])[0]?.shape;
    expect(shapeOf([-1, 64], [0, 1, 8, 8])).toEqual([-1, 1, 8, 8]);
    expect(shapeOf([-1, 64], [0, -1, 8])).toEqual([-1, 8, 8]);
    expect(shapeOf([-1, -1], [-1, 8])).toEqual([-1, 8]);
    expect(() => shapeOf([-1, 64], [0, 1, 8, 9])).toThrow(/cannot become/);
    expect(() => shapeOf([-1, 64], [0, -1, 7])).toThrow(/cannot become/);
  });

  it('puts axes in another order', () => {
    const turned = run({ kind: 'transpose', ...io, axes: [1, 0] }, counted([2, 3], 'INT16'));
    expect([turned.shape, valuesOf(turned)]).toEqual([
      [3, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
  });

  it('undoes an order of axes by its inverse', () => {
    const axes = fc.integer({ min: 1, max: 4 }).chain((rank) => {
      const order = Array.from({ length: rank }, (_, axis) => axis);
      return fc.tuple(
        fc.shuffledSubarray(order, { minLength: rank }),
        fc.array(fc.nat(3), { minLength: rank, maxLength: rank }),
      );
    });
    fc.assert(
      fc.property(axes, ([order, shape]) => {
        const inverse = order.map((_, axis) => order.indexOf(axis));
        const there = run({ kind: 'transpose', ...io, axes: order }, counted(shape, 'INT32'));
        const back = run({ kind: 'transpose', ...io, axes: inverse }, there);
        expect([back.shape, valuesOf(back)]).toEqual([shape, valuesOf(counted(shape, 'INT32'))]);
      }),
    );
  });
});

describe('softmax, argmax, topK and labels', () => {
  it('makes probabilities along an axis, whatever the size of the numbers', () => {
    const rows = run({ kind: 'softmax', ...io, axis: -1 }, tensor('FP64', [2, 2], [0, Math.log(3), 5000, 5000]));
    expect(valuesOf(rows).map((value) => Number(value.toFixed(12)))).toEqual([0.25, 0.75, 0.5, 0.5]);
    const columns = run({ kind: 'softmax', ...io, axis: 0 }, tensor('FP64', [2, 2], [0, 1, Math.log(3), 1]));
    expect(valuesOf(columns).map((value) => Number(value.toFixed(12)))).toEqual([0.25, 0.5, 0.75, 0.5]);
  });

  it('finds the largest, the first of equal ones, and counts NaN for nothing', () => {
    const values = [1, 3, 3, Number.NaN, 0, -1];
    const found = run({ kind: 'argmax', ...io, axis: -1 }, tensor('FP32', [2, 3], values));
    expect([found.datatype, found.shape, valuesOf(found)]).toEqual(['INT64', [2], [1, 1]]);
    const down = run({ kind: 'argmax', ...io, axis: 0 }, tensor('FP32', [2, 3], values));
    expect([down.shape, valuesOf(down)]).toEqual([[3], [0, 0, 0]]);
    expect(() => run({ kind: 'argmax', ...io, axis: 1 }, counted([2, 0]))).toThrow(/axis 1 has no elements/);
  });

  it('finds the k largest as sorting does', () => {
    const rows = fc
      .integer({ min: 1, max: 8 })
      .chain((width) =>
        fc.tuple(
          fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: width, maxLength: width }), { maxLength: 3 }),
          fc.integer({ min: 1, max: width }),
          fc.constant(width),
        ),
      );
    fc.assert(
      fc.property(rows, ([matrix, k, width]) => {
        const step = { kind: 'topK', input: 'x', k, values: 'v', indices: 'i' } as const;
        const [values, indices] = processStep(step, [
          misaligned(tensor('INT32', [matrix.length, width], matrix.flat())),
        ]);
        const sorted = matrix.map((row) =>
          row
            .map((value, index) => ({ value, index }))
            .sort((left, right) => right.value - left.value || left.index - right.index)
            .slice(0, k),
        );
        expect(valuesOf(values ?? counted([0]))).toEqual(sorted.flat().map(({ value }) => value));
        expect(valuesOf(indices ?? counted([0]))).toEqual(sorted.flat().map(({ index }) => index));
        expect(values?.shape).toEqual([matrix.length, k]);
      }),
    );
    expect(() =>
      processStep({ kind: 'topK', input: 'x', k: 4, values: 'v', indices: undefined }, [counted([3])]),
    ).toThrow(/fewer than 4/);
  });

  it('names indices, and refuses those that have no name', () => {
    const step = { kind: 'labels', ...io, labels: ['zero', 'eins', 'två'] } as const;
    const named = run(step, tensor('INT64', [1, 2], [2, 0]));
    expect(named.shape).toEqual([1, 2]);
    expect(unpackStrings(named.data).map((text) => new TextDecoder().decode(text))).toEqual(['två', 'zero']);
    expect(() => run(step, tensor('INT64', [1], [3]))).toThrow(/labels\.labels: index 3 has no label: there are 3/);
  });
});

describe('concat', () => {
  it('puts tensors behind each other along an axis', () => {
    const step = { kind: 'concat', inputs: ['a', 'b'], axis: 1, output: 'y' } as const;
    const wide = run(step, counted([2, 2]), tensor('FP32', [2, 1], [10, 20]));
    expect([wide.shape, valuesOf(wide)]).toEqual([
      [2, 3],
      [0, 1, 10, 2, 3, 20],
    ]);
    const long = run({ ...step, axis: 0 }, counted([1, 2]), counted([2, 2]));
    expect([long.shape, valuesOf(long)]).toEqual([
      [3, 2],
      [0, 1, 0, 1, 2, 3],
    ]);
    expect(() => run(step, counted([2, 2]), counted([3, 1]))).toThrow(/FP32 \[3,1\] does not go behind FP32 \[2,2\]/);
  });
});

describe('combine', () => {
  const step = (over: Partial<CombineStep>): CombineStep => ({
    kind: 'combine',
    inputs: ['a', 'b', 'c'],
    by: 'mean',
    weights: [1, 1, 1],
    minAnswers: 1,
    output: 'y',
    ...over,
  });
  const row = (...values: number[]) => tensor('FP64', [1, values.length], values);

  it('takes means, by weight, of the answers that are there', () => {
    expect(valuesOf(run(step({}), row(1, 0), row(2, 3), row(3, 6)))).toEqual([2, 3]);
    expect(valuesOf(run(step({ weights: [3, 1, 5] }), row(1, 0), row(5, 4), undefined))).toEqual([2, 1]);
  });

  it('lets the more confident answer weigh more, row by row', () => {
    const sure = tensor('FP64', [2, 2], [0.9, 0.1, 0, 0]);
    const unsure = tensor('FP64', [2, 2], [0.3, 0.1, 0, 0]);
    const combined = valuesOf(run(step({ by: 'confidence' }), sure, unsure, undefined));
    expect(combined.map((value) => Number(value.toFixed(12)))).toEqual([0.75, 0.1, 0, 0]);
  });

  it('counts votes, of numbers and of texts; of equal ones what the first said', () => {
    const vote = step({ by: 'vote' });
    const labels = (...values: number[]) => tensor('INT64', [values.length], values);
    expect(valuesOf(run(vote, labels(1, 1, 1), labels(2, 2, 1), labels(2, 3, 3)))).toEqual([2, 1, 1]);
    expect(valuesOf(run(step({ by: 'vote', weights: [5, 1, 1] }), labels(1), labels(2), labels(2)))).toEqual([1]);
    const texts = run(vote, strings('cat', 'a'), strings('dog', 'b'), strings('dog', 'a'));
    expect(unpackStrings(texts.data).map((text) => new TextDecoder().decode(text))).toEqual(['dog', 'a']);
  });

  it('refuses answers that are not alike', () => {
    expect(() => run(step({}), row(1), row(1, 2))).toThrow(/FP64 \[1,2\] cannot be combined with FP64 \[1,1\]/);
    const open = (shape: readonly number[]) => ({ datatype: 'FP32' as const, shape });
    expect(() => typesOfStep(step({}), [open([-1]), open([3]), open([4])])).toThrow(
      /\[4\] cannot be combined with FP32 \[3\]/,
    );
  });
});

it('what is told of a step while axes are open fits what it makes of a request', () => {
  const steps: ProcessingStep[] = [
    { kind: 'cast', ...io, datatype: 'INT16' },
    { kind: 'scale', ...io, mean: [1], std: [2], axis: undefined },
    { kind: 'reshape', ...io, shape: [0, -1] },
    { kind: 'reshape', ...io, shape: [-1] },
    { kind: 'transpose', ...io, axes: [2, 0, 1] },
    { kind: 'softmax', ...io, axis: 1 },
    { kind: 'argmax', ...io, axis: -2 },
    { kind: 'topK', input: 'x', k: 1, values: 'v', indices: 'i' },
    { kind: 'concat', inputs: ['x', 'x'], axis: 2, output: 'y' },
    { kind: 'combine', inputs: ['x', 'x'], by: 'confidence', weights: [1, 2], minAnswers: 2, output: 'y' },
  ];
  const axis = fc.record({ size: fc.integer({ min: 1, max: 4 }), isOpen: fc.boolean() });
  fc.assert(
    fc.property(fc.constantFrom(...steps), fc.array(axis, { minLength: 3, maxLength: 3 }), (step, axes) => {
      const count = step.kind === 'concat' || step.kind === 'combine' ? 2 : 1;
      const given = counted(axes.map(({ size }) => size));
      const open = { datatype: given.datatype, shape: axes.map(({ size, isOpen }) => (isOpen ? -1 : size)) };
      const told = typesOfStep(step, Array(count).fill(open));
      const made = processStep(step, Array(count).fill(given));
      expect(made).toHaveLength(told.length);
      for (const [index, output] of made.entries()) {
        validateByteLength(output, 'output');
        expect(fits(output, told[index] ?? output)).toBe(true);
        expect(output.shape).not.toContain(-1);
      }
    }),
  );
});
