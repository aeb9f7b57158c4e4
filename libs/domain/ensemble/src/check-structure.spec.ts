import { describe, expect, it } from 'vitest';
import { checkStructure } from './check-structure.ts';
import type { Binding, EnsembleSpec, EnsembleStep } from './ensemble-spec.ts';

const cast = (input: string, output: string): EnsembleStep => ({ kind: 'cast', input, datatype: 'FP32', output });
const bindings = (map: Record<string, string>): Binding[] =>
  Object.entries(map).map(([tensor, value]) => ({ tensor, value }));
const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] });
const ensemble = (steps: readonly EnsembleStep[], over: Partial<EnsembleSpec> = {}): EnsembleSpec => ({
  inputs: [spec('x')],
  outputs: [spec('y')],
  steps,
  ...over,
});
const problemsOf = (...args: Parameters<typeof ensemble>) =>
  checkStructure(ensemble(...args)).map(({ path, message }) => `${path} ${message}`);

const splitter = (...branches: { steps: EnsembleStep[]; outputs: Record<string, string> }[]): EnsembleStep => ({
  kind: 'splitter',
  by: 'chance',
  branches: branches.map(({ steps, outputs }) => ({ weight: 1, steps, outputs: bindings(outputs) })),
});

describe('checkStructure', () => {
  it('accepts steps in any order, diamonds, and branches that take what is around them', () => {
    const steps: EnsembleStep[] = [
      { kind: 'combine', inputs: ['a', 'b', 'c'], by: 'mean', weights: [1, 1, 1], minAnswers: 1, output: 'y' },
      splitter({ steps: [cast('a', 'inner')], outputs: { c: 'inner' } }, { steps: [], outputs: { c: 'b' } }),
      cast('x', 'a'),
      cast('x', 'b'),
    ];
    expect(problemsOf(steps)).toEqual([]);
  });

  it('accepts an ensemble that passes an input on', () => {
    expect(problemsOf([], { inputs: [spec('x')], outputs: [spec('x')] })).toEqual([]);
  });

  it.each<[string, EnsembleStep[], string[]]>([
    [
      'a value that nobody gives',
      [cast('x', 'a'), cast('z', 'y'), cast('a', 'b')],
      ['spec.ensemble.steps[1].cast.input nothing gives the value "z": there are x, a, y, b'],
    ],
    [
      'a name that is given twice',
      [cast('x', 'y'), cast('x', 'y')],
      ['spec.ensemble.steps[1].cast.output the name "y" is taken by spec.ensemble.steps[0].cast.output'],
    ],
    [
      'a name that an input has',
      [cast('x', 'x'), cast('x', 'y')],
      ['spec.ensemble.steps[0].cast.output the name "x" is taken by spec.ensemble.inputs[0].name'],
    ],
    [
      'steps in a circle',
      [{ kind: 'concat', inputs: ['x', 'b'], axis: 0, output: 'a' }, cast('a', 'b'), cast('b', 'y')],
      [
        'spec.ensemble.steps[0] these steps wait for each other: spec.ensemble.steps[0], spec.ensemble.steps[1], spec.ensemble.steps[0]',
      ],
    ],
    [
      'a branch that gives other values than the first',
      [splitter({ steps: [cast('x', 'a')], outputs: { y: 'a' } }, { steps: [], outputs: { z: 'x' } })],
      ['spec.ensemble.steps[0].splitter.branches[1].outputs must give the same values as splitter.branches[0]: y'],
    ],
    [
      'a value of another branch',
      [splitter({ steps: [cast('x', 'a')], outputs: { y: 'a' } }, { steps: [cast('a', 'b')], outputs: { y: 'b' } })],
      [
        'spec.ensemble.steps[0].splitter.branches[1].steps[0].cast.input nothing gives the value "a": there are x, y, b',
      ],
    ],
    [
      'a branch that uses a name from around it for itself',
      [splitter({ steps: [cast('x', 'x')], outputs: { y: 'x' } })],
      [
        'spec.ensemble.steps[0].splitter.branches[0].steps[0].cast.output the name "x" is taken by a step around this one',
      ],
    ],
    [
      'a branch that waits for what its own step gives',
      [splitter({ steps: [cast('y', 'a')], outputs: { y: 'a' } }), cast('x', 'z')],
      ['spec.ensemble.steps[0] these steps wait for each other: spec.ensemble.steps[0], spec.ensemble.steps[0]'],
    ],
    [
      'work that is of no use',
      [cast('x', 'y'), cast('x', 'a'), cast('a', 'b')],
      [
        'spec.ensemble.steps[1].cast.output no output depends on the value "a"',
        'spec.ensemble.steps[2].cast.output no output depends on the value "b"',
      ],
    ],
    [
      'useless work inside a branch',
      [splitter({ steps: [cast('x', 'a'), cast('x', 'b')], outputs: { y: 'a' } })],
      ['spec.ensemble.steps[0].splitter.branches[0].steps[1].cast.output no output depends on the value "b"'],
    ],
  ])('refuses %s', (_, steps, problems) => {
    expect(problemsOf(steps)).toEqual(problems);
  });

  it('refuses an output that nobody gives, and one that is named twice', () => {
    expect(problemsOf([cast('x', 'y')], { outputs: [spec('y'), spec('z'), spec('y')] })).toEqual([
      'spec.ensemble.outputs[2].name the name "y" is taken by spec.ensemble.outputs[0].name',
      'spec.ensemble.outputs[1].name nothing gives the value "z": there are x, y',
    ]);
  });

  it('refuses branches within branches without end', () => {
    const nested = (depth: number): EnsembleStep =>
      splitter({
        steps: depth === 0 ? [cast('x', 'y0')] : [nested(depth - 1)],
        outputs: { [`y${depth + 1}`]: `y${depth}` },
      });
    const outputs = [spec('y5')];
    expect(problemsOf([nested(4)], { outputs }).join()).toMatch(/branches lie within each other at most 3 deep/);
    expect(problemsOf([nested(2)], { outputs: [spec('y3')] })).toEqual([]);
  });

  const branch = { steps: [], outputs: bindings({ y: 'x' }) };
  it.each<[string, EnsembleStep, string]>([
    [
      'two open axes',
      { kind: 'reshape', input: 'x', shape: [-1, -1], output: 'y' },
      'reshape.shape only one axis can take what is left (-1)',
    ],
    [
      'axes that are no order',
      { kind: 'transpose', input: 'x', axes: [0, 2], output: 'y' },
      'transpose.axes must name each axis from 0 on once',
    ],
    [
      'a deviation of 0',
      { kind: 'scale', input: 'x', mean: [0], std: [0], axis: undefined, output: 'y' },
      'scale.std must not be 0: the elements are divided by it',
    ],
    [
      'numbers without an axis',
      { kind: 'scale', input: 'x', mean: [0, 1], std: [1], axis: undefined, output: 'y' },
      'scale.axis is required: 2 numbers belong to the indices of an axis',
    ],
    [
      'numbers of two counts',
      { kind: 'scale', input: 'x', mean: [0, 1], std: [1, 2, 3], axis: 0, output: 'y' },
      'scale.mean must have 1 number or 3, not 2',
    ],
    [
      'too many answers to wait for',
      { kind: 'combine', inputs: ['x'], by: 'mean', weights: [1], minAnswers: 2, output: 'y' },
      'combine.minAnswers must be at most 1, the number of inputs, not 2',
    ],
    [
      'too few weights',
      { kind: 'combine', inputs: ['x'], by: 'mean', weights: [], minAnswers: 1, output: 'y' },
      'combine.weights must have one number for each of the 1 inputs, not 0',
    ],
    [
      'a condition that can never hold',
      {
        kind: 'switch',
        on: { kind: 'parameter', name: 'language' },
        cases: ['de', 'en', 'de'].map((operand) => ({ condition: { kind: 'equals' as const, operand }, ...branch })),
        otherwise: undefined,
      },
      'switch.cases[2].when.equals language is compared with this before',
    ],
  ])('refuses %s', (_, step, problem) => {
    expect(problemsOf([step])).toEqual([`spec.ensemble.steps[0].${problem}`]);
  });

  it('refuses a topK that gives nothing', () => {
    const step: EnsembleStep = { kind: 'topK', input: 'x', k: 1, values: undefined, indices: undefined };
    expect(problemsOf([step, cast('x', 'y')])).toEqual([
      'spec.ensemble.steps[0].topK must give values, indices or both',
    ]);
  });
});
