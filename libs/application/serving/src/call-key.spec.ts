import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype, Tensor } from '#domain/inference';
import { callOf, floats } from '#testing';
import { callKey } from './call-key.ts';

/** No fingerprint at all: parts that differ, taken one after the other, differ here. */
const plain = (parts: readonly (string | Uint8Array)[]) =>
  parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('latin1'))).join('');

const tensor = fc.record({
  datatype: fc.constantFrom<Datatype>('INT8', 'UINT8'),
  shape: fc.array(fc.nat(3), { maxLength: 2 }),
  data: fc.uint8Array({ maxLength: 4 }),
});
const tensors = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', '[]', '"'), tensor), { selector: ([name]) => name, minLength: 1 })
  .map((named) => named.map(([name, rest]): Tensor => ({ name, ...rest })));
const keyOf = (inputs: readonly Tensor[], identity = 'v', outputNames: readonly string[] = ['y']) =>
  callKey(identity, callOf({ inputs, outputNames }), plain);

describe('callKey', () => {
  it('is the same for the same inputs in another order, and for what does not change the answer', () => {
    fc.assert(
      fc.property(tensors, (inputs) => {
        expect(keyOf(inputs.toReversed())).toBe(keyOf(inputs));
        const later = callOf({ inputs, deadlineAtMs: 7, priority: 3, isRetriedOnLoss: false });
        expect(callKey('v', later, plain)).toBe(keyOf(inputs));
      }),
    );
  });

  it('differs whenever a name, datatype, shape or byte does', () => {
    const canonical = (inputs: readonly Tensor[]) =>
      JSON.stringify(inputs.map((input) => [input.name, { ...input, data: [...input.data] }]).sort());
    fc.assert(
      fc.property(tensors, tensors, (left, right) => {
        expect(keyOf(left) === keyOf(right)).toBe(canonical(left) === canonical(right));
      }),
    );
  });

  it('differs for bytes that only lie on the other side of a border between tensors', () => {
    const split = (first: readonly number[], second: readonly number[]) =>
      keyOf([floats('a', first, [-1]), floats('b', second, [-1])]);
    expect(split([1], [2, 3])).not.toBe(split([1, 2], [3]));
  });

  it('differs for other versions and other wanted outputs', () => {
    const inputs = [floats('x', [1])];
    const keys = [keyOf(inputs), keyOf(inputs, 'w'), keyOf(inputs, 'v', ['z']), keyOf(inputs, 'v', ['y', 'z'])];
    expect(new Set(keys).size).toBe(4);
  });
});
