import { createHash } from 'node:crypto';
import { type Document, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { ManifestParser, ParsedManifest } from '#application/rollout';
import { toDeploymentSpec } from './deployment-spec.mapper.ts';
import { validateModelDeployment } from './model-deployment.ts';

/** More aliases than any honest manifest has; a bomb multiplies them. */
const MAX_ALIASES = 50;

/** Reads manifests written in YAML, several documents to a file. */
export class YamlManifestParser implements ManifestParser {
  parse(text: string): readonly ParsedManifest[] {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
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
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return invalid(document, (error as Error).message);
  }
  const result = validateModelDeployment(value);
  if (!result.ok) {
    const problems = result.problems.map(({ path, message }) =>
      `${linePrefix(document, path, lines)}${path} ${message}`.trim(),
    );
    return invalid(document, problems.join('; '));
  }
  return { kind: 'deployment', spec: toDeploymentSpec(result.value), specHash: hashOf(result.value.spec) };
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
