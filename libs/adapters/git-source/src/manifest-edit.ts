import { isScalar, parseAllDocuments } from 'yaml';

/**
 * The text with `spec.version` of one document replaced, every other byte as it was: comments, layout and the other documents are
 * a person's work.
 *
 * @param index of the document among those that are not empty.
 */
export function withVersion(text: string, index: number, version: number): string | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return undefined;
  const document = documents.filter(
    ({ contents, errors }) =>
      errors.length > 0 || (contents !== null && !(isScalar(contents) && contents.value === null)),
  )[index];
  const node = document?.getIn(['spec', 'version'], true);
  if (!isScalar(node) || node.range == null) return undefined;
  const [start, end] = node.range;
  return `${text.slice(0, start)}${version}${text.slice(end)}`;
}
