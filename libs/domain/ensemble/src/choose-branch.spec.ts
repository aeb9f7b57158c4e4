import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import { packStrings } from './byte-strings.ts';
import { chooseByCondition, chooseByWeight, type Scalar, scalarOf } from './choose-branch.ts';
import type { SplitterStep, SwitchStep } from './ensemble-spec.ts';

const named = (name: string) => ({ steps: [], outputs: [{ tensor: 'y', value: name }] });
const nameOf = ({ outputs }: { outputs: readonly { value: string }[] }) => outputs[0]?.value;

describe('chooseByWeight', () => {
  const splitter: SplitterStep = {
    kind: 'splitter',
    by: 'chance',
    branches: [
      { weight: 0, ...named('never') },
      { weight: 30, ...named('a') },
      { weight: 10, ...named('b') },
      { weight: 0, ...named('nor') },
    ],
  };

  it('gives every branch exactly its share of evenly spread numbers', () => {
    const chosen = Array.from({ length: 400 }, (_, index) => nameOf(chooseByWeight(splitter, (index + 0.5) / 400)));
    expect(['never', 'a', 'b', 'nor'].map((name) => chosen.filter((other) => other === name).length)).toEqual([
      0, 300, 100, 0,
    ]);
    expect(nameOf(chooseByWeight(splitter, 1))).toBe('b');
  });
});

describe('chooseByCondition', () => {
  const on: SwitchStep = {
    kind: 'switch',
    on: { kind: 'parameter', name: 'tier' },
    cases: [
      { condition: { kind: 'equals', operand: 'gold' }, ...named('gold') },
      { condition: { kind: 'equals', operand: true }, ...named('true') },
      { condition: { kind: 'below', operand: 0.5 }, ...named('low') },
      { condition: { kind: 'atLeast', operand: 10 }, ...named('high') },
    ],
    otherwise: named('else'),
  };

  it.each<[Scalar, string]>([
    ['gold', 'gold'],
    [true, 'true'],
    [0.4, 'low'],
    [0.5, 'else'],
    [10, 'high'],
    ['10', 'else'],
    [false, 'else'],
    [undefined, 'else'],
  ])('takes the first branch whose condition holds for %j: %s', (scalar, name) => {
    expect(nameOf(chooseByCondition(on, scalar))).toBe(name);
  });

  it('says which values there are branches for, when there is none for the rest', () => {
    const strict = { ...on, otherwise: undefined };
    expect(() => chooseByCondition(strict, 'iron')).toThrow(
      'parameters.tier is "iron": there are branches for equals "gold", equals true, below 0.5, atLeast 10',
    );
    expect(() => chooseByCondition(strict, undefined)).toThrow(/parameters\.tier is missing/);
  });
});

describe('scalarOf', () => {
  const of = (datatype: Tensor['datatype'], data: Uint8Array): Tensor => ({ name: 's', datatype, shape: [1], data });

  it('reads numbers, truths and texts', () => {
    expect(scalarOf(of('FP32', new Uint8Array(Float32Array.of(0.5).buffer)))).toBe(0.5);
    expect(scalarOf(of('INT64', new Uint8Array(BigInt64Array.of(-7n).buffer)))).toBe(-7);
    expect(scalarOf(of('BOOL', Uint8Array.of(1)))).toBe(true);
    expect(scalarOf(of('BYTES', packStrings([new TextEncoder().encode('två')])))).toBe('två');
  });

  it('refuses what is not one element', () => {
    expect(() => scalarOf(of('UINT8', Uint8Array.of(1, 2)))).toThrow(/"s" must have one element to be compared, not 2/);
    expect(() => scalarOf(of('BYTES', new Uint8Array(0)))).toThrow(/not 0/);
  });
});
