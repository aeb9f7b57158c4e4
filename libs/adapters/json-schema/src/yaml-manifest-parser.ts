import { createHash } from 'node:crypto';
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
import type { ManifestParser, ParsedManifest } from '#application/rollout';
import { shown } from '#domain/errors';
import { toDeploymentSpec } from './deployment-spec.mapper.ts';
import { validateModelDeployment } from './model-deployment.ts';

/** More aliases than any honest manifest has; a bomb multiplies them. */
const MAX_ALIASES = 50;
/** An ensemble in an ensemble takes a dozen levels. */
const MAX_DEPTH = 64;
/** As many as somebody reads. */
const MAX_PROBLEMS = 20;

/** Reads manifests written in YAML, several documents to a file. */
export class YamlManifestParser implements ManifestParser {
  parse(text: string): readonly ParsedManifest[] {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    if (!Array.isArray(documents)) return [];
    return documents.filter((document) => !isEmpty(document)).map((document) => parseDocument(document, lines));
  }
}

/** Nothing but comments, or nothing at all, between two `---`. */
function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function parseDocument(document: Document.Parsed, lines: LineCounter): ParsedManifest {
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line, col } = lines.linePos(syntaxError.pos[0]);
    return invalid(document, `line ${line}, column ${col}: ${syntaxError.message}`);
  }
  const oddity = findOddity(document);
  if (oddity !== undefined) {
    const { line, col } = lines.linePos(oddity.node.range?.[0] ?? 0);
    return invalid(document, `line ${line}, column ${col}: ${oddity.problem}`);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return invalid(document, (error as Error).message);
  }
  const result = validateModelDeployment(value);
  if (!result.ok) {
    const problems = result.problems
      .slice(0, MAX_PROBLEMS)
      .map(({ path, message }) => `${linePrefix(document, path, lines)}${path} ${message}`.trim());
    const others = result.problems.length - problems.length;
    return invalid(document, [...problems, ...(others > 0 ? [`and ${others} more`] : [])].join('; '));
  }
  return { kind: 'deployment', spec: toDeploymentSpec(result.value), specHash: hashOf(result.value.spec) };
}

/** Something that can be read, and is no part of a manifest. */
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

function invalid(document: Document.Parsed, message: string): ParsedManifest {
  return { kind: 'invalid', namespace: nameIn(document, 'namespace'), name: nameIn(document, 'name'), message };
}

/** A name as far as it can be made out in a document that is wrong elsewhere. */
function nameIn(document: Document.Parsed, field: string): string | undefined {
  try {
    const name: unknown = document.getIn(['metadata', field]);
    return typeof name === 'string' && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

function linePrefix(document: Document.Parsed, path: string, lines: LineCounter): string {
  const keys = path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  for (let length = keys.length; length > 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return `line ${lines.linePos(node.range[0]).line}: `;
  }
  return '';
}

/** Identity of a specification: the same for any order of keys, layout or comments. */
function hashOf(spec: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
