import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly } from './exact-json.ts';
import { readNumberArray } from './number-array-reader.ts';
import { parseTensorJson } from './tensor-json.ts';

const never = () => false;
/** As long as is worth while, without a change of what it says. */
const padded = (json: string) => Buffer.from(json + ' '.repeat(1024));

/** What comes out, with arrays of one kind; an error where it is no JSON. */
function outcome(parse: () => unknown): unknown {
  try {
    const plain = (_key: string, value: unknown) => (value instanceof Float64Array ? Array.from(value) : value);
    return JSON.stringify(parse(), (key, value) => (Object.is(value, -0) ? '-0' : plain(key, value)));
  } catch (error) {
    return (error as Error).name;
  }
}

function expectSame(json: string): void {
  const body = padded(json);
  expect(outcome(() => parseTensorJson(body, never))).toEqual(outcome(() => JSON.parse(body.toString())));
}

const spaces = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const numberText = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^-?(0|[1-9]\d{0,5})(\.\d{1,6})?$/) },
  fc.stringMatching(/^-?(0|[1-9]\d{0,19})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/),
);
const arrayText = fc
  .array(fc.tuple(spaces, numberText, spaces), { maxLength: 60 })
  .map((numbers) => `[${numbers.map((parts) => parts.join('')).join(',')}]`);

describe('readNumberArray', () => {
  it('reads short numbers as JSON.parse does', () => {
    const short = fc.stringMatching(/^-?(0|[1-9]\d{0,3})(\.\d{1,5})?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(spaces, short, spaces), { minLength: 1, maxLength: 40 }), (numbers) => {
        const text = `[${numbers.map((parts) => parts.join('')).join(',')}]`;
        const read = readNumberArray(Buffer.from(`${text} `), 0, 0);
        expect(read?.end).toBe(text.length);
        expect(Array.from(read?.numbers ?? [])).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('never reads anything otherwise than JSON.parse', () => {
    fc.assert(
      fc.property(arrayText, (text) => {
        const read = readNumberArray(Buffer.from(text), 0, 0);
        if (read !== undefined) expect(Array.from(read.numbers)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('reads more than it keeps memory for', () => {
    const numbers = Array.from({ length: 200_000 }, (_, index) => index / 8);
    for (const from of [17, 65_535, 65_536, 150_000]) {
      const read = readNumberArray(Buffer.from(JSON.stringify(numbers)), 0, from);
      expect(Array.from(read?.numbers ?? [])).toEqual(numbers);
    }
  });

  it.each([
    '[]',
    '[ ]',
    '[1',
    '[1,',
    '[1,]',
    '[01]',
    '[1.]',
    '[.5]',
    '[+1]',
    '[-]',
    '[--1]',
    '[1 2]',
    '[1,"2"]',
    '[[1]]',
    '[null]',
    '[0x1]',
    '[1e]',
    '[1.5.5]',
    '[9007199254740993]',
    '1',
    '',
  ])('leaves %s to others', (text) => {
    expect(readNumberArray(Buffer.from(text), 0, 0)).toBeUndefined();
  });
});

describe('parseTensorJson', () => {
  it('reads numbers of inputs into typed arrays', () => {
    const json = '{"id":"größe","inputs":[{"name":"a","data":[1,2.5]},{"data" : [ -0 , 3 ],"name":"b"}]}';
    const { inputs } = parseTensorJson(padded(json), never) as { inputs: { data: unknown }[] };
    expect(inputs.map(({ data }) => data)).toEqual([Float64Array.of(1, 2.5), Float64Array.of(-0, 3)]);
    expectSame(json);
  });

  it.each([
    '{"inputs":[{"data":[1,2],"data":[3]}]}',
    '{"inputs":[{"data":[1,2]}],"data":[3]}',
    '{"inputs":[{"data":[1,2],"parameters":{"data":[3,4]}}]}',
    '{"inputs":[{"data":{"data":[3,4]}}]}',
    '{"inputs":[[{"data":[3,4]}]]}',
    '{"inputs":{"data":[3,4]}}',
    '{"id":"\\"data\\":[1,2]","inputs":[{"data":[3]}]}',
    '{"x\\"data":[1,2],"inputs":[{"data":[3]}]}',
    '{"id":"x\\\\"data":[1,2],"inputs":[{"data":[3]}]}',
    '{"id":"data","inputs":[{"data":[3]}]}',
    '{"inputs":["data",[3]]}',
    '{"inputs":[{"data":["data",":[1]"]}]}',
    '{"inputs":[null,{"data":[1]}]}',
    '{"inputs":[{"data":[1]}]',
    '{"inputs":[{"data":[1],}]}',
    '{"inputs":[{"data":[1] [2]}]}',
    '["data":[1]]',
    '"data":[1]',
    '{"\\u0064ata":[1],"inputs":[{"data":[]}]}',
    '{"inputs":[{"__proto__":{"data":[1]}}]}',
  ])('says what JSON.parse says of %s', expectSame);

  it('reads several inputs that are larger than the memory that is kept', () => {
    const data = [1, 2, 3].map((input) => Array.from({ length: 50_000 }, (_, index) => index + input / 4));
    expectSame(JSON.stringify({ inputs: data.map((numbers) => ({ data: numbers })) }));
  });

  it('says what JSON.parse says of any document', () => {
    const data = fc.oneof(arrayText, fc.json({ maxDepth: 2 }));
    const input = fc.tuple(fc.json({ maxDepth: 1 }), data).map(([name, array]) => `{"name":${name},"data":${array}}`);
    fc.assert(
      fc.property(fc.array(input, { maxLength: 4 }), fc.json({ maxDepth: 2 }), (inputs, extra) => {
        expectSame(`{"parameters":${extra},"inputs":[${inputs.join(',')}]}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps every digit of long integers', () => {
    const body = padded('{"inputs":[{"datatype":"INT64","data":[1,9007199254740993]},{"data":[2]}]}');
    expect(parseTensorJson(body, () => true)).toMatchObject({ inputs: [{ data: [1, 9_007_199_254_740_993n] }, {}] });
    expect(parseExactly(body.toString(), () => true)).toMatchObject({
      inputs: [{ data: [1, 9_007_199_254_740_993n] }, {}],
    });
  });
});
