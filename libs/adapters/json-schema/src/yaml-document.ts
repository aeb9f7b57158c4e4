import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { shown } from '#domain/errors';
import type { SchemaProblem } from './compile-schema.ts';

/** More aliases than any honest document has; a bomb multiplies them. */
const MAX_ALIASES = 50;
/** An ensemble in an ensemble takes a dozen levels. */
const MAX_DEPTH = 64;
/** As many as somebody reads. */
const MAX_PROBLEMS = 20;

/** One document of a file, of whatever kind. */
export class YamlDocument {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** What it says its kind is; `undefined` when it does not say so in a text. */
  get kind(): string | undefined {
    return this.#textAt(['kind']);
  }

  /** A text at a path, as far as it can be made out in a document that is wrong elsewhere. */
  nameAt(path: readonly string[]): string | undefined {
    const name = this.#textAt(path);
    return name !== undefined && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name) ? name : undefined;
  }

  /** Its content; a message with line and column when it has none. */
  read(): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
    const [syntaxError] = this.#document.errors;
    if (syntaxError !== undefined) return this.#wrongAt(syntaxError.pos[0], syntaxError.message);
    const oddity = findOddity(this.#document);
    if (oddity !== undefined) return this.#wrongAt(oddity.node.range?.[0] ?? 0, oddity.problem);
    try {
      return { ok: true, value: this.#document.toJS({ maxAliasCount: MAX_ALIASES }) };
    } catch (error) {
      return { ok: false, message: (error as Error).message };
    }
  }

  /** What is wrong with its content, each with its line. */
  inWords(problems: readonly SchemaProblem[]): string {
    const told = problems
      .slice(0, MAX_PROBLEMS)
      .map(({ path, message }) => `${this.#linePrefix(path)}${path} ${message}`.trim());
    const others = problems.length - told.length;
    return [...told, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
  }

  #wrongAt(offset: number, problem: string): { readonly ok: false; readonly message: string } {
    const { line, col } = this.#lines.linePos(offset);
    return { ok: false, message: `line ${line}, column ${col}: ${problem}` };
  }

  #textAt(path: readonly string[]): string | undefined {
    try {
      const text: unknown = this.#document.getIn(path);
      return typeof text === 'string' ? text : undefined;
    } catch {
      return undefined;
    }
  }

  #linePrefix(path: string): string {
    const keys = path
      .split(/[.[\]]+/)
      .filter((key) => key !== '')
      .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    for (let length = keys.length; length > 0; length -= 1) {
      const node = this.#document.getIn(keys.slice(0, length), true) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range !== undefined) return `line ${this.#lines.linePos(node.range[0]).line}: `;
    }
    return '';
  }
}

/** The documents of a file; those with nothing but comments are none. */
export function yamlDocuments(text: string): readonly YamlDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (!Array.isArray(documents)) return [];
  return documents.filter((document) => !isEmpty(document)).map((document) => new YamlDocument(document, lines));
}

/** Nothing but comments, or nothing at all, between two `---`. */
function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

/** Something that can be read, and is no part of a document of ours. */
interface Oddity {
  readonly node: Node;
  readonly problem: string;
}

/**
 * Finds keys that are collections, or stand twice, and towers of collections. The YAML library takes minutes for a page of such keys, and
 * for a file of 60,000 different ones, which it compares each with each.
 */
function findOddity({ contents }: Document.Parsed): Oddity | undefined {
  let level: unknown[] = [contents];
  for (let depth = 1; level.length > 0; depth += 1) {
    const inner: unknown[] = [];
    for (const node of level) {
      if (!isCollection(node)) continue;
      if (depth > MAX_DEPTH) return { node, problem: `is nested deeper than ${MAX_DEPTH} levels` };
      const oddKey = isMap(node) ? findOddKey(node) : undefined;
      if (oddKey !== undefined) return oddKey;
      for (const item of node.items) inner.push(isPair(item) ? item.value : item);
    }
    level = inner;
  }
  return undefined;
}

function findOddKey({ items }: YAMLMap): Oddity | undefined {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    if (!isNode(key)) continue;
    if (!isScalar(key)) return { node: key, problem: 'a key must be a text' };
    if (seen.has(key.value)) return { node: key, problem: `the key ${shown(key.value)} must be unique` };
    seen.add(key.value);
  }
  return undefined;
}
