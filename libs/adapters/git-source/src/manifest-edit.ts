import { type Document, isMap, isScalar, type Pair, parseAllDocuments, type Scalar } from 'yaml';

/**
 * The text with the version of one document replaced, every other byte as it was: comments, layout and the other documents are
 * a person's work. Where an alias stood, `version` stands afterwards: the alias would bring back what was rolled back.
 *
 * @param index of the document among those that are not empty.
 * @returns `undefined` when there is no such document, or nothing in it that can be replaced.
 */
export function withVersion(text: string, index: number, version: number): string | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return undefined;
  const document = documents.filter(
    ({ contents, errors }) =>
      errors.length > 0 || (contents !== null && !(isScalar(contents) && contents.value === null)),
  )[index];
  if (document === undefined) return undefined;
  const node = document.getIn(['spec', 'version'], true);
  if (isScalar(node) && node.range != null) return spliced(text, node.range[0], node.range[1], String(version));
  const alias = aliasIn(document);
  if (alias?.key.range == null || alias.value?.range == null) return undefined;
  return spliced(text, alias.key.range[0], alias.value.range[1], `version: ${version}`);
}

/** The `alias: …` of a specification. */
function aliasIn(document: Document.Parsed): Pair<Scalar, Scalar> | undefined {
  const spec = document.get('spec', true);
  if (!isMap(spec)) return undefined;
  const pair = spec.items.find(({ key }) => isScalar(key) && key.value === 'alias');
  return pair !== undefined && isScalar(pair.value) ? (pair as Pair<Scalar, Scalar>) : undefined;
}

function spliced(text: string, start: number, end: number, replacement: string): string {
  return `${text.slice(0, start)}${replacement}${text.slice(end)}`;
}
