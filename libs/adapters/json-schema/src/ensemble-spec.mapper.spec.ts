import { expect, it } from 'vitest';
import { YamlManifestParser } from './yaml-manifest-parser.ts';

const specOf = (steps: string) => {
  const [manifest] = new YamlManifestParser().parse(`apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: {name: graph}
spec:
  ensemble:
    inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]
    outputs: [{name: y, datatype: FP32, shape: [-1, 4]}]
    steps: ${steps}
`);
  if (manifest?.kind !== 'deployment') throw new Error(JSON.stringify(manifest));
  if (!('version' in manifest.spec)) throw new Error('an ensemble has no alias');
  return manifest.spec;
};

it('an ensemble is a deployment without a version, that takes over at once and writes nothing back', () => {
  expect(specOf('[{softmax: {input: x, output: y}}]')).toMatchObject({
    name: 'graph',
    model: 'graph',
    version: 0,
    deadlineMs: 10_000,
    ensemble: { inputs: [{ name: 'x' }], outputs: [{ name: 'y' }] },
    rollout: { strategy: 'allAtOnce', gates: [], writeBack: 'none' },
  });
});

it('the defaults of steps are filled in as they are documented', () => {
  const steps = `
      - model: {deployment: a, inputs: {in: x}, outputs: {out: a}, timeout: 2s}
      - argmax: {input: a, output: index}
      - softmax: {input: a, axis: 0, output: b}
      - concat: {inputs: [a, b], output: c}
      - combine: {inputs: [a, b], by: mean, output: d}
      - splitter: {branches: [{weight: 2, outputs: {e: d}}]}
      - switch:
          on: {value: index}
          cases: [{when: {atLeast: 3}, steps: [{reshape: {input: c, shape: [0, 4], output: f}}], outputs: {y: f}}]
          otherwise: {outputs: {y: e}}
`;
  const softmax = { kind: 'softmax', input: 'a', axis: 0, output: 'b' };
  const reshape = { kind: 'reshape', input: 'c', shape: [0, 4], output: 'f' };
  expect(specOf(steps).ensemble?.steps).toEqual([
    {
      kind: 'model',
      deployment: 'a',
      version: undefined,
      inputs: [{ tensor: 'in', value: 'x' }],
      outputs: [{ tensor: 'out', value: 'a' }],
      timeoutMs: 2000,
    },
    { kind: 'argmax', input: 'a', axis: -1, output: 'index' },
    softmax,
    { kind: 'concat', inputs: ['a', 'b'], axis: -1, output: 'c' },
    { kind: 'combine', inputs: ['a', 'b'], by: 'mean', weights: [1, 1], minAnswers: 2, output: 'd' },
    { kind: 'splitter', by: 'chance', branches: [{ weight: 2, steps: [], outputs: [{ tensor: 'e', value: 'd' }] }] },
    {
      kind: 'switch',
      on: { kind: 'value', name: 'index' },
      cases: [{ condition: { kind: 'atLeast', operand: 3 }, steps: [reshape], outputs: [{ tensor: 'y', value: 'f' }] }],
      otherwise: { steps: [], outputs: [{ tensor: 'y', value: 'e' }] },
    },
  ]);
});
