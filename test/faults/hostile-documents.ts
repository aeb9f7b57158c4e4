import type { seededRandom } from './seeded-random.ts';

type Random = ReturnType<typeof seededRandom>;

const WORDS = [
  '{',
  '}',
  '(',
  ')',
  ':',
  '!',
  '...',
  'on',
  'fragment',
  'query',
  'mutation',
  '$a',
  '"',
  '"""',
  '[',
  ']',
  '@skip',
  'models',
  'nodes',
  'versions',
  '__schema',
  'name',
  '1e999',
  '-0',
  '\\u{110000}',
  '🚢',
  '\0',
];
const STRINGS = [
  '',
  'digits',
  '../../etc/passwd',
  "' OR 1=1 --",
  '%',
  '\0',
  'a'.repeat(300),
  '{"$ne":1}',
  '__proto__',
  'NaN',
  '🚢'.repeat(50),
  'metrics.a > 1',
  '((((',
  'labels.x = "',
  'sha256:x',
];

const FIELDS = [
  'namespace',
  'model',
  'name',
  'version',
  'variants',
  'files',
  'labels',
  'value',
  'path',
  'digest',
  'sizeBytes',
  '__proto__',
  'filter',
];
const VARIABLES = [
  'namespace',
  'name',
  'model',
  'version',
  'alias',
  'filter',
  'search',
  'orderBy',
  'first',
  'after',
  'input',
  'draftId',
  'dryRun',
];
const NO_OPERATIONS = [
  '',
  '[]',
  'null',
  '{}',
  '[{},{}]',
  '{"query":1}',
  '\0',
  '{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
];

/** Documents that cost, each as large as it is told. */
const COSTLY: readonly ((count: (bound: number) => number) => string)[] = [
  (count) => `{ ${'a: __typename '.repeat(count(3000))} }`,
  (count) => `{ ${'models { nodes { versions { nodes { '.repeat(count(200))}`,
  (count) => `query { ${'...F '.repeat(count(50))} } fragment F on Query { ...G } fragment G on Query { ...F }`,
  (count) => `{ model(name: "${'x'.repeat(count(200_000))}") { name } }`,
  (count) =>
    `{ ${Array.from({ length: count(60) }, (_, at) => `a${at}: models(first: 200) { nodes { versions(first: 200) { nodes { version } } } }`).join(' ')} }`,
  (count) => `{ versions(filter: "${'('.repeat(count(5000))}") { totalCount } }`,
  (count) =>
    `{ versions(where: ${'{ not: '.repeat(count(100))}{ version: { eq: 1 } }${' }'.repeat(count(100))}) { totalCount } }`,
  (count) => `[${'['.repeat(count(10_000))}`,
];

/** Writes GraphQL requests that are wrong in one way or several, that cost much, or that are right. */
export class HostileDocuments {
  readonly #random: Random;
  readonly #operations: readonly string[];

  /** @param operations that are right, with variables of any names. */
  constructor(random: Random, operations: readonly string[]) {
    this.#random = random;
    this.#operations = operations;
  }

  /** The body of a request. */
  body(): string {
    const { random, pick, count } = this.#random;
    const kind = random();
    const operation = pick(this.#operations);
    if (kind < 0.4) return JSON.stringify({ query: this.#mutated(operation), variables: this.#variables() });
    if (kind < 0.6) return JSON.stringify({ query: operation, variables: this.#variables() });
    if (kind < 0.75) return JSON.stringify({ query: Array.from({ length: count(200) }, () => pick(WORDS)).join(' ') });
    if (kind < 0.9) return JSON.stringify({ query: pick(COSTLY)(count), variables: this.#variables() });
    if (kind >= 0.95) return pick(NO_OPERATIONS);
    const whole = { query: operation, variables: this.#variables(), operationName: this.#value() };
    const text = JSON.stringify(whole);
    return text.slice(0, count(text.length));
  }

  /** A document that was valid, with some of its text changed. */
  #mutated(document: string): string {
    const { pick, count } = this.#random;
    const text = [...document];
    for (let edits = count(6); edits >= 0; edits -= 1) {
      const at = count(text.length);
      const length = count(20);
      const kind = count(4);
      if (kind === 0) text.splice(at, length);
      else if (kind === 1) text.splice(at, 0, pick(WORDS));
      else if (kind === 2) text.splice(at, 0, ...text.slice(at, at + length * 5));
      else text[at] = String.fromCharCode(count(0x3000));
    }
    return text.join('');
  }

  #variables(): Record<string, unknown> {
    const names = VARIABLES.filter(() => this.#random.random() < 0.7);
    return Object.fromEntries(names.map((name) => [name, this.#value()]));
  }

  /** A value for a variable, right or wrong. */
  #value(depth = 0): unknown {
    const { random, pick, count } = this.#random;
    const kind = count(depth > 3 ? 6 : 8);
    if (kind === 0) return pick(STRINGS);
    if (kind === 1) return count(2 ** 31) - 2 ** 30;
    if (kind === 2) return random() * 1e300;
    if (kind === 3) return null;
    if (kind === 4) return random() < 0.5;
    if (kind === 5) return pick(STRINGS);
    const values = Array.from({ length: count(kind === 6 ? 4 : 5) }, () => this.#value(depth + 1));
    return kind === 6 ? values : Object.fromEntries(values.map((value) => [pick(FIELDS), value]));
  }
}
