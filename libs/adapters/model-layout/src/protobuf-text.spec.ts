import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastOf, messagesOf, parseProtobufText, type TextValue } from './protobuf-text.ts';

/** Messages as nested entries, which are easier to compare. */
const plain = (value: TextValue): unknown =>
  typeof value === 'object'
    ? Object.fromEntries([...value.fields].map(([name, values]) => [name, values.map(plain)]))
    : value;
const parse = (text: string) => plain(parseProtobufText(text));

describe('parseProtobufText', () => {
  it.each([
    [
      'scalars',
      'a: 1 b: -2.5e3 c: "x" d: true e: KIND_GPU',
      { a: [1], b: [-2500], c: ['x'], d: [true], e: ['KIND_GPU'] },
    ],
    ['hexadecimal and marked floats', 'a: 0x1F b: 1.5f c: -0x10', { a: [31], b: [1.5], c: [-16] }],
    ['lists and repeated fields', 'dims: [3, 224] dims: 4', { dims: [3, 224, 4] }],
    ['an empty list', 'dims: []', { dims: [] }],
    ['lists of messages', 'input [ { name: "a" }, { name: "b" } ]', { input: [{ name: ['a'] }, { name: ['b'] }] }],
    ['messages in angle brackets, with a colon', 'a: < b: 1; >, c { }', { a: [{ b: [1] }], c: [{}] }],
    ['comments', '# first\na: 1 # and then\n# last', { a: [1] }],
    ['strings in pieces, in either quotes', `a: "x" 'y'\n "z"`, { a: ['xyz'] }],
    ['escapes', String.raw`a: "\n\t\"\x41\101\\"`, { a: ['\n\t"AA\\'] }],
    [
      'characters of several bytes, escaped and as they are',
      String.raw`a: "\303\244 ä \xe2\x82\xac"`,
      { a: ['ä ä €'] },
    ],
    ['nothing', ' \n', {}],
  ])('reads %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['a: 1\nb: }', 'line 2: got "}", wanted a value'],
    ['a {\n\n', 'line 3: got "the end", wanted the name of a field'],
    ['a: 1 }', 'line 1: got "}", wanted the name of a field'],
    ['a 1', 'line 1: got "1", wanted ":" or "{"'],
    ['a: "x', 'line 1: "\\"x" is not expected'],
    ['a: "x" : 2', 'line 1: got ":", wanted the name of a field'],
    ['a: [1, 2', 'line 1: got "the end", wanted a value'],
    ['a{'.repeat(40), 'line 1: got "a", wanted nothing nested deeper'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseProtobufText(text)).toThrow(new SyntaxError(problem));
  });

  it('answers or refuses any text, and does not hang', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      '{',
      '}',
      '<',
      '>',
      '[',
      ']',
      ',',
      '"',
      "'",
      '\\',
      '1',
      '-',
      '#',
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        try {
          parseProtobufText(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the last of repeated scalars, and the messages among values', () => {
    const message = parseProtobufText('a: 1 a: 2 b { c: 1 } b { c: 2 }');
    expect(lastOf(message, 'a')).toBe(2);
    expect(messagesOf(message, 'b').map((inner) => lastOf(inner, 'c'))).toEqual([1, 2]);
    expect(messagesOf(message, 'none')).toEqual([]);
  });
});
