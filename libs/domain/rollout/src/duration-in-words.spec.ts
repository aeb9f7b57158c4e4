import { expect, it } from 'vitest';
import { durationInWords } from './duration-in-words.ts';

it.each([
  [250, '250 ms'],
  [1500, '1.5 s'],
  [90_000, '1 min 30 s'],
  [5_400_000, '1 h 30 min'],
])('%i ms are %s', (ms, words) => {
  expect(durationInWords(ms)).toBe(words);
});
