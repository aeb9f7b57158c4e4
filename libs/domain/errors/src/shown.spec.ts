import { describe, expect, it } from 'vitest';
import { shown } from './shown.ts';

const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;

describe('shown', () => {
  it.each([
    ['a text', 'a "b"\n', '"a \\"b\\"\\n"'],
    ['a number', -0.5, '-0.5'],
    ['a big integer', 2n ** 70n, '1180591620717411303424'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an array however deep', deep, 'an array'],
    ['an object that cannot become text', { toString: 1, valueOf: 1 }, 'an object'],
  ])('names %s', (_, value, words) => {
    expect(shown(value)).toBe(words);
  });

  it('is short and well formed', () => {
    const words = shown(`a${'😀'.repeat(1000)}`);
    expect(words.length).toBeLessThan(70);
    expect(words.isWellFormed()).toBe(true);
    expect(shown(10n ** 5000n).length).toBeLessThan(70);
  });
});
