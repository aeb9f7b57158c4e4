import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ensembleToWire } from '#adapters/gateway-fleet';
import type { Condition, EnsembleSpec, EnsembleStep } from '#domain/ensemble';
import { DATATYPE_SIZE_BYTES, type Datatype } from '#domain/inference';
import * as wire from '#generated/slipway/control/v1/control';
import { toEnsembleSpec } from './ensemble.mapper.ts';

const value = fc.string({ minLength: 1, maxLength: 5 });
const datatype = fc.constantFrom(...(Object.keys(DATATYPE_SIZE_BYTES) as Datatype[]));
const shape = fc.array(fc.integer({ min: -1, max: 2 ** 40 }), { maxLength: 3 });
const axis = fc.integer({ min: -4, max: 4 });
const number = fc.double({ noNaN: true });
const io = { input: value, output: value };
const kind = <Kind extends string>(word: Kind) => fc.constant(word);
const bindings = fc.array(fc.record({ tensor: value, value }), { maxLength: 3 });
const condition = fc.oneof<fc.Arbitrary<Condition>[]>(
  fc.record({ kind: kind('equals'), operand: fc.oneof(fc.string(), number, fc.boolean()) }),
  fc.record({ kind: fc.constantFrom('below' as const, 'atLeast' as const), operand: number }),
);

const { step } = fc.letrec<{ step: EnsembleStep; steps: EnsembleStep[] }>((tie) => {
  const branch = { steps: tie('steps'), outputs: bindings };
  return {
    steps: fc.array(tie('step'), { maxLength: 2, depthIdentifier: 'steps' }),
    step: fc.oneof(
      { depthIdentifier: 'steps', maxDepth: 2 },
      fc.record({
        kind: kind('model'),
        deployment: value,
        version: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
        inputs: bindings,
        outputs: bindings,
        timeoutMs: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
      }),
      fc.record({ kind: kind('cast'), ...io, datatype }),
      fc.record({
        kind: kind('scale'),
        ...io,
        mean: fc.array(number),
        std: fc.array(number),
        axis: fc.option(axis, { nil: undefined }),
      }),
      fc.record({ kind: kind('reshape'), ...io, shape }),
      fc.record({ kind: kind('transpose'), ...io, axes: fc.array(fc.nat(8)) }),
      fc.record({ kind: kind('softmax'), ...io, axis }),
      fc.record({ kind: kind('argmax'), ...io, axis }),
      fc.record({
        kind: kind('topK'),
        input: value,
        k: fc.integer({ min: 1, max: 9 }),
        values: fc.option(value, { nil: undefined }),
        indices: fc.option(value, { nil: undefined }),
      }),
      fc.record({ kind: kind('labels'), ...io, labels: fc.array(fc.string()) }),
      fc.record({ kind: kind('concat'), inputs: fc.array(value), axis, output: value }),
      fc.record({
        kind: kind('combine'),
        inputs: fc.array(value),
        by: fc.constantFrom('mean' as const, 'confidence' as const, 'vote' as const),
        weights: fc.array(number),
        minAnswers: fc.integer({ min: 1, max: 9 }),
        output: value,
      }),
      fc.record({
        kind: kind('splitter'),
        by: fc.constantFrom('chance' as const, 'request' as const),
        branches: fc.array(fc.record({ weight: number, ...branch }), { maxLength: 2 }),
      }),
      fc.record({
        kind: kind('switch'),
        on: fc.record({ kind: fc.constantFrom('parameter' as const, 'value' as const), name: value }),
        cases: fc.array(fc.record({ condition, ...branch }), { maxLength: 2 }),
        otherwise: fc.option(fc.record(branch), { nil: undefined }),
      }),
    ),
  };
});
const specs = fc.array(fc.record({ name: value, datatype, shape }), { maxLength: 2 });

it('an ensemble comes through the stream from the controller as it was', () => {
  fc.assert(
    fc.property(
      fc.record({ inputs: specs, outputs: specs, steps: fc.array(step, { maxLength: 4 }) }),
      (ensemble: EnsembleSpec) => {
        const bytes = wire.EnsembleSpec.encode(ensembleToWire(ensemble)).finish();
        expect(toEnsembleSpec(wire.EnsembleSpec.decode(bytes))).toEqual(ensemble);
      },
    ),
  );
});

it('a step that a later controller may know is refused, not left out', () => {
  expect(() => toEnsembleSpec({ inputs: [], outputs: [], steps: [{ step: undefined }] })).toThrow(
    /no kind that is known/,
  );
});
