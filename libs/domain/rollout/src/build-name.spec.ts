import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelName } from '#domain/registry';
import { buildName } from './build-name.ts';

const digits = { model: 'digits' as ModelName, version: 2 };

describe('buildName', () => {
  it('tells the variants that may serve, in their order', () => {
    expect(buildName(digits, {})).toBe('digits@2');
    expect(buildName(digits, { variants: ['cpu/int8', 'cpu/fp32'] })).toBe('digits@2 cpu/int8,cpu/fp32');
  });

  it('tells an ensemble from the version of a model with its name', () => {
    const ensemble = { inputs: [], outputs: [], steps: [] };
    expect(buildName(digits, { ensemble })).toBe('ensemble digits@2');
  });

  it('is another one for every other model, version or choice of variants', () => {
    const variants = fc.option(fc.uniqueArray(fc.constantFrom('cpu/fp32', 'cpu/int8', 'cuda/fp16'), { minLength: 1 }), {
      nil: undefined,
    });
    const build = fc.record({
      model: fc.constantFrom('a', 'b', 'ensemble') as fc.Arbitrary<ModelName>,
      version: fc.integer({ min: 1, max: 12 }),
      variants,
    });
    fc.assert(
      fc.property(build, build, (one, other) => {
        const areSame = JSON.stringify(one) === JSON.stringify(other);
        expect(buildName(one, one) === buildName(other, other)).toBe(areSame);
      }),
    );
  });
});
