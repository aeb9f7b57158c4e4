import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
/** Prose and law, as long and as short as people write sentences. */
const SOURCES = ['LICENSE', 'README.md', 'docs/architecture.md', 'docs/guides/first-release.md'];
const VOCABULARY = 2000;
/** The model's limit. */
const LONGEST = 512;

/**
 * Sentences of real texts as numbers of their words, in an order that is shuffled but always the same.
 *
 * @param count how many, at most as there are.
 */
export function realTexts(count: number): number[][] {
  const sentences = SOURCES.flatMap((file) => sentencesOf(readFileSync(join(root, file), 'utf8')));
  return shuffle(sentences).slice(0, count);
}

function sentencesOf(text: string): number[][] {
  return text
    .split(/(?<=[.!?:;])\s+|\n{2,}/)
    .map((sentence) => sentence.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [])
    .filter(({ length }) => length > 0)
    .map((words) => words.slice(0, LONGEST).map(numberOf));
}

/** FNV-1a: any spread over the vocabulary will do, the model's weights are random. */
function numberOf(word: string): number {
  let hash = 0x811c9dc5;
  for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash % VOCABULARY;
}

function shuffle<T>(items: readonly T[]): T[] {
  // Park and Miller's generator.
  let state = 42;
  const keyed = items.map((item) => {
    state = (state * 48_271) % 2_147_483_647;
    return { item, key: state };
  });
  return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
}
