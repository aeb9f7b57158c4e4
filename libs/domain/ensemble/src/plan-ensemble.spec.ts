import { describe, expect, it } from 'vitest';
import type { ModelSignature, TensorSpec } from '#domain/inference';
import type { Binding, EnsembleSpec, EnsembleStep } from './ensemble-spec.ts';
import { membersOf, planEnsemble } from './plan-ensemble.ts';

const spec = (name: string, shape: readonly number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape,
});
const signatures: Record<string, ModelSignature> = {
  digits: {
    inputs: [spec('pixels', [-1, 64])],
    outputs: [spec('probabilities', [-1, 10]), spec('label', [-1], 'INT64')],
  },
  pairs: { inputs: [spec('left', [-1]), spec('right', [-1])], outputs: [spec('both', [-1, 2])] },
};
const bindings = (map: Record<string, string>): Binding[] =>
  Object.entries(map).map(([tensor, value]) => ({ tensor, value }));
const model = (
  deployment: string,
  inputs: Record<string, string>,
  outputs: Record<string, string>,
  version?: number,
): EnsembleStep => ({
  kind: 'model',
  deployment,
  version,
  inputs: bindings(inputs),
  outputs: bindings(outputs),
  timeoutMs: undefined,
});
const notServed = { problem: 'is not served' };
const problemsOf = (ensemble: EnsembleSpec) =>
  planEnsemble(ensemble, (deployment, version) =>
    version === 9 ? notServed : (signatures[deployment] ?? notServed),
  ).map(({ path, message }) => `${path.replace('spec.ensemble.', '')} ${message}`);
const inputs = [spec('image', [-1, 64], 'UINT8')];
const outputs = [spec('probabilities', [-1, 10])];
const toFloat: EnsembleStep = { kind: 'cast', input: 'image', datatype: 'FP32', output: 'pixels' };

describe('planEnsemble', () => {
  it('accepts values that are such as everybody wants them', () => {
    const steps = [model('digits', { pixels: 'pixels' }, { probabilities: 'probabilities' }), toFloat];
    expect(problemsOf({ inputs, outputs, steps })).toEqual([]);
  });

  it('speaks of the structure first', () => {
    const steps = [model('digits', { pixels: 'nothing' }, { probabilities: 'probabilities' })];
    expect(problemsOf({ inputs, outputs, steps })[0]).toMatch(/nothing gives the value "nothing"/);
  });

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    [
      'of another datatype',
      { pixels: 'image' },
      { probabilities: 'probabilities' },
      'steps[0].model.inputs.pixels digits wants FP32 [-1,64], but "image" is UINT8 [-1,64]',
    ],
    [
      'for an input that is not there',
      { pixel: 'image' },
      { probabilities: 'probabilities' },
      'steps[0].model.inputs.pixel digits has no such input: it has pixels',
    ],
  ])('refuses a value %s', (_, takes, gives, problem) => {
    expect(problemsOf({ inputs, outputs, steps: [model('digits', takes, gives)] })).toContain(problem);
  });

  it('refuses an input that gets nothing, an output that is not there, and one that is declared otherwise', () => {
    const both = {
      inputs: [spec('x', [-1])],
      outputs: [spec('y', [-1, 2])],
      steps: [model('pairs', { left: 'x' }, { both: 'y' })],
    };
    expect(problemsOf(both)).toEqual(['steps[0].model.inputs right of pairs gets no value']);
    const gives = (output: string, declared: TensorSpec) =>
      problemsOf({
        inputs,
        outputs: [declared],
        steps: [toFloat, model('digits', { pixels: 'pixels' }, { [output]: 'y' })],
      });
    expect(gives('classes', spec('y', [-1]))).toEqual([
      'steps[1].model.outputs.classes digits has no such output: it has probabilities, label',
    ]);
    expect(gives('label', spec('y', [-1]))).toEqual(['outputs[0] is declared as FP32 [-1], but "y" is INT64 [-1]']);
    expect(gives('probabilities', spec('y', [-1, 11]))).toEqual([
      'outputs[0] is declared as FP32 [-1,11], but "y" is FP32 [-1,10]',
    ]);
  });

  it('refuses deployments and versions that are not served', () => {
    const steps = [toFloat, model('unknown', { pixels: 'pixels' }, { probabilities: 'probabilities' })];
    expect(problemsOf({ inputs, outputs, steps })).toEqual(['steps[1].model.deployment unknown is not served']);
    const pinned = [toFloat, model('digits', { pixels: 'pixels' }, { probabilities: 'probabilities' }, 9)];
    expect(problemsOf({ inputs, outputs, steps: pinned })).toEqual([
      'steps[1].model.version version 9 of digits is not served',
    ]);
  });

  it('tells a fault once, where it is, and not again along the way', () => {
    const steps: EnsembleStep[] = [
      { kind: 'softmax', input: 'image', axis: -1, output: 'a' },
      { kind: 'argmax', input: 'a', axis: 7, output: 'b' },
      { kind: 'labels', input: 'b', labels: ['x'], output: 'probabilities' },
    ];
    expect(problemsOf({ inputs, outputs, steps })).toEqual([
      'steps[0].softmax.input must be floats, not UINT8: cast it before',
    ]);
  });

  it('takes a value from branches for what all of them give', () => {
    const branches = (...shapes: (readonly number[])[]): EnsembleStep => ({
      kind: 'splitter',
      by: 'request',
      branches: shapes.map((shape, index) => ({
        weight: 1,
        steps: [{ kind: 'reshape', input: 'pixels', shape, output: `r${index}` }],
        outputs: bindings({ y: `r${index}` }),
      })),
    });
    const planned = (declared: readonly number[], ...shapes: (readonly number[])[]) =>
      problemsOf({ inputs, outputs: [spec('y', declared)], steps: [toFloat, branches(...shapes)] });
    expect(planned([-1, 8, 8], [0, 8, 8], [0, 8, 8])).toEqual([]);
    expect(planned([-1, 4, -1], [0, 8, 8], [0, 4, 16])).toEqual([]);
    expect(planned([-1, 64], [0, 8, 8], [0, 64])).toEqual([
      'steps[1].splitter.branches[1].outputs.y is FP32 [-1,64], but FP32 [-1,8,8] at spec.ensemble.steps[1].splitter.branches[0].outputs.y',
    ]);
    expect(planned([-1, 64], [0, 9], [0, 64])[0]).toBe(
      'steps[1].splitter.branches[0].steps[0].reshape.shape FP32 [-1,64] cannot become [0,9]',
    );
  });

  it.each([
    [
      'several elements',
      spec('s', [2], 'INT8'),
      1,
      'steps[0].switch.on.value must have one element, but "s" is INT8 [2]',
    ],
    ['a text', spec('s', [1], 'BYTES'), 1, 'steps[0].switch.cases[0].when.equals must be a string: "s" is BYTES'],
    ['a float', spec('s', [1]), 1, 'steps[0].switch.cases[0].when.equals use below and atLeast: "s" is FP32'],
    ['a truth', spec('s', [], 'BOOL'), 'yes', 'steps[0].switch.cases[0].when.equals must be a boolean: "s" is BOOL'],
  ])('refuses a condition that does not suit %s', (_, scalar, operand, problem) => {
    const step: EnsembleStep = {
      kind: 'switch',
      on: { kind: 'value', name: 's' },
      cases: [{ condition: { kind: 'equals', operand }, steps: [], outputs: bindings({ y: 'image' }) }],
      otherwise: { steps: [], outputs: bindings({ y: 'image' }) },
    };
    const declared = spec('y', [-1, 64], 'UINT8');
    expect(problemsOf({ inputs: [...inputs, scalar], outputs: [declared], steps: [step] })).toEqual([problem]);
  });
});

it('membersOf finds what is called, in branches too, each once', () => {
  const call = (deployment: string, version?: number) => model(deployment, {}, {}, version);
  const steps: EnsembleStep[] = [
    call('a'),
    call('a', 2),
    { kind: 'splitter', by: 'chance', branches: [{ weight: 1, steps: [call('b'), call('a')], outputs: [] }] },
  ];
  expect(membersOf({ steps })).toEqual([
    { deployment: 'a', version: undefined, path: 'spec.ensemble.steps[0].model' },
    { deployment: 'a', version: 2, path: 'spec.ensemble.steps[1].model' },
    { deployment: 'b', version: undefined, path: 'spec.ensemble.steps[2].splitter.branches[0].steps[0].model' },
  ]);
});
