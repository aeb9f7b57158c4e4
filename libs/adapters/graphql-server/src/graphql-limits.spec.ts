import { type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { assertAffordable, costOf } from './graphql-limits.ts';

function read(text: string) {
  const document = parse(text);
  return { document, operation: document.definitions[0] as OperationDefinitionNode };
}

function cost(text: string, variables: Record<string, unknown> = {}) {
  const { document, operation } = read(text);
  return costOf(operation, document, variables);
}

function refusal(text: string, variables: Record<string, unknown> = {}): string | undefined {
  const { document, operation } = read(text);
  try {
    assertAffordable(operation, document, variables);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the cost of an operation', () => {
  it('counts lists by the entries that they ask for, wherever the number stands', () => {
    const list = (size: string) => `models(${size}) { nodes { name } }`;
    expect(cost(`{ ${list('first: 10')} }`).fields).toBe(21);
    expect(cost(`query ($n: Int) { ${list('last: $n')} }`, { n: 10 }).fields).toBe(21);
    expect(cost(`query ($n: Int = 10) { ${list('first: $n')} }`).fields).toBe(21);
    expect(cost(`query ($n: Int = 200) { ${list('first: $n')} }`, { n: 10 }).fields).toBe(21);
    expect(cost('{ models { edges { cursor } } }').fields).toBe(101);
  });

  it('counts fragments as often as they are spread', () => {
    const text =
      '{ ...F a: model(name: "x") { ...G } } fragment F on Query { b: __typename } fragment G on Model { name }';
    expect(cost(text)).toEqual({ depth: 2, aliases: 2, fields: 3 });
  });
});

describe('an operation that costs too much is refused, by the name of the limit', () => {
  it.each([
    ['depth', `{ ${'a { '.repeat(11)} b ${'} '.repeat(11)} }`, 'the operation nests 12 fields deep; 10 are allowed'],
    [
      'aliases',
      `{ ${Array.from({ length: 16 }, (_, at) => `a${at}: __typename`).join(' ')} }`,
      'the operation has 16 aliases; 15 are allowed',
    ],
    [
      'size',
      '{ models(first: 200) { nodes { versions(first: 200) { nodes { model version stage } } } } }',
      'the operation may answer 160401 fields; 100000 are allowed',
    ],
  ])('%s', (_limit, text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it('lets ordinary ones through', () => {
    expect(
      refusal('{ models(first: 50) { nodes { name versions(first: 5) { nodes { version } } } } }'),
    ).toBeUndefined();
  });
});
