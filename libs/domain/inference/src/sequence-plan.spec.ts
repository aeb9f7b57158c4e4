import { describe, expect, it } from 'vitest';
import {
  clientViewOf,
  DEFAULT_SERVING_OPTIONS,
  type ModelSignature,
  planSequence,
  type SequenceOptions,
  type TensorSpec,
} from './index.ts';

const spec = (name: string, shape: readonly number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name,
  datatype,
  shape,
});
const signature: ModelSignature = {
  inputs: [spec('word', [-1, 8]), spec('memory', [-1, 4]), spec('begins', [-1, 1]), spec('ends', [], 'BOOL')],
  outputs: [spec('tag', [-1, 3]), spec('next-memory', [-1, 4]), spec('other', [-1, 4], 'FP64')],
};
const optionsOf = (over: Partial<SequenceOptions> = {}): SequenceOptions => ({
  states: [{ output: 'next-memory', input: 'memory' }],
  startInput: 'begins',
  endInput: 'ends',
  maxSequences: 10,
  maxIdleMs: 1000,
  ...over,
});
const state = (output: string, input: string) => ({ states: [{ output, input }] });

describe('planSequence', () => {
  it('finds states and controls, and leaves the other inputs to the client', () => {
    const plan = planSequence(signature, optionsOf());
    expect(plan.states).toEqual([{ output: signature.outputs[1], input: signature.inputs[1] }]);
    expect([plan.startInput?.name, plan.endInput?.name]).toEqual(['begins', 'ends']);
    expect(plan.clientInputs.map(({ name }) => name)).toEqual(['word']);
    expect(plan.hasStatePerRow).toBe(true);
  });

  it.each([
    [
      'an output that is not there',
      state('x', 'memory'),
      /spec\.sequence\.states\[0\]\.output: the model has no output "x": it has tag, /,
    ],
    [
      'an input that is not there',
      state('next-memory', 'x'),
      /states\[0\]\.input: the model has no input "x": it has word, /,
    ],
    ['states of two datatypes', state('other', 'memory'), /states\[0\]: output "other" is FP64, input "memory" FP32/],
    ['states of two shapes', state('next-memory', 'word'), /\[-1,4\] does not fit \[-1,8\]/],
    ['states of two ranks', state('next-memory', 'ends'), /output "next-memory" is FP32, input "ends" BOOL/],
    [
      'an input with two roles',
      { startInput: 'memory' },
      /startInput: input "memory" is named by spec\.sequence\.states\[0\]\.input already/,
    ],
    ['a control that is not there', { endInput: 'over' }, /endInput: the model has no input "over"/],
  ])('refuses %s', (_, over, problem) => {
    expect(() => planSequence(signature, optionsOf(over))).toThrow(problem);
  });

  it('refuses a control of text, and a model that leaves nothing to send', () => {
    const inputs = [spec('memory', [-1, 4]), spec('begins', [1], 'BYTES')];
    const options = optionsOf({ endInput: undefined });
    expect(() => planSequence({ ...signature, inputs }, options)).toThrow(/"begins" is BYTES/);
    const closed = { ...signature, inputs: [spec('memory', [-1, 4])] };
    expect(() => planSequence(closed, optionsOf({ startInput: undefined, endInput: undefined }))).toThrow(
      /no input is left for the requests/,
    );
  });
});

describe('clientViewOf', () => {
  it('shows a model without sequences as it is', () => {
    const view = clientViewOf(signature, DEFAULT_SERVING_OPTIONS);
    expect(view).toEqual({ signature, defaultOutputNames: ['tag', 'next-memory', 'other'] });
  });

  it('leaves states and controls out of the inputs, and states out of what is answered unasked', () => {
    const view = clientViewOf(signature, { ...DEFAULT_SERVING_OPTIONS, sequence: optionsOf() });
    expect(view.signature.inputs.map(({ name }) => name)).toEqual(['word']);
    expect(view.signature.outputs).toBe(signature.outputs);
    expect(view.defaultOutputNames).toEqual(['tag', 'other']);
  });
});
