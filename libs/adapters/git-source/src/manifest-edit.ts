import { type Document, isMap, isScalar, isSeq, type Pair, parseAllDocuments, type Scalar, type YAMLMap } from 'yaml';
import type { AskedVersion } from '#application/rollout';

/** A field of a specification whose place in the text is known. */
interface Field {
  readonly start: number;
  readonly valueStart: number;
  /** Behind the last character of its value; comments and line breaks come after. */
  readonly end: number;
}

/** A piece of the text with what shall stand there. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with the version, the variants and, where it is given, the model of one document replaced, every other byte as it was: comments,
 * layout and the other documents are a person's work. Where an alias stood, `version` stands afterwards: the alias would bring back what was rolled back.
 *
 * @param index of the document among those that are not empty.
 * @returns `undefined` when there is no such document, or nothing in it that can be replaced.
 */
export function withAskedVersion(
  text: string,
  index: number,
  { version, variants, model }: AskedVersion,
): string | undefined {
  const spec = specIn(text, index);
  if (spec === undefined) return undefined;
  const names = ['version', 'alias', 'variants', ...(model === undefined ? [] : ['model'])];
  const fields = names.map((name) => fieldIn(spec, name));
  if (fields.includes('elsewhere')) return undefined;
  const [ofVersion, ofAlias, ofVariants, ofModel] = fields as readonly (Field | undefined)[];
  const source = ofVersion ?? ofAlias;
  if (source === undefined) return undefined;
  const edits: Edit[] = [
    ofVersion === undefined
      ? { start: source.start, end: source.end, text: `version: ${version}` }
      : { start: source.valueStart, end: source.end, text: String(version) },
  ];
  if (ofModel !== undefined) edits.push({ start: ofModel.valueStart, end: ofModel.end, text: String(model) });
  const list = variants === undefined ? undefined : `variants: [${variants.join(', ')}]`;
  if (ofVariants !== undefined && list === undefined) edits.push(removal(text, spec, ofVariants));
  else if (ofVariants !== undefined && list !== undefined) edits.push({ ...ofVariants, text: list });
  else if (list !== undefined) edits.push(insertion(text, spec, source, list));
  return edited(text, edits);
}

function specIn(text: string, index: number): YAMLMap.Parsed | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return undefined;
  const spec = documents.filter((document) => !isEmpty(document))[index]?.get('spec', true);
  return isMap(spec) ? (spec as YAMLMap.Parsed) : undefined;
}

function isEmpty({ contents, errors }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

/** The field of that name; `undefined` without one. What stands behind an anchor is written elsewhere, perhaps for others too. */
function fieldIn({ items }: YAMLMap.Parsed, name: string): Field | 'elsewhere' | undefined {
  const pair = items.find(({ key }) => isScalar(key) && key.value === name);
  return pair === undefined ? undefined : (fieldOf(pair) ?? 'elsewhere');
}

function fieldOf({ key, value }: Pair): Field | undefined {
  if (!isScalar(key) || (!isScalar(value) && !isSeq(value))) return undefined;
  // What lies between the elements of a list in lines and the next field belongs to that one.
  const last = isSeq(value) && value.flow !== true ? (value.items.at(-1) as Scalar | undefined) : value;
  if (key.range == null || value.range == null || last?.range == null) return undefined;
  return { start: key.range[0], valueStart: value.range[0], end: last.range[1] };
}

/** Takes a field out with its line, or with the comma beside it. */
function removal(text: string, { flow, items }: YAMLMap.Parsed, field: Field): Edit {
  if (flow !== true) {
    const end = text.indexOf('\n', field.end);
    return { start: lineStart(text, field.start), end: end === -1 ? text.length : end + 1, text: '' };
  }
  const fields = items.flatMap((pair) => fieldOf(pair) ?? []);
  const at = fields.findIndex(({ start }) => start === field.start);
  const [before, after] = [fields[at - 1], fields[at + 1]];
  if (after !== undefined) return { start: field.start, end: after.start, text: '' };
  return { start: before?.end ?? field.start, end: field.end, text: '' };
}

/** Puts a field before another one. */
function insertion(text: string, { flow }: YAMLMap.Parsed, { start }: Field, field: string): Edit {
  const separator = flow === true ? ', ' : `\n${text.slice(lineStart(text, start), start)}`;
  return { start, end: start, text: `${field}${separator}` };
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function edited(text: string, edits: readonly Edit[]): string {
  // From the end on, so that the places of those that are left stay what they are.
  const ordered = edits.toSorted((left, right) => right.start - left.start || right.end - left.end);
  return ordered.reduce((done, edit) => `${done.slice(0, edit.start)}${edit.text}${done.slice(edit.end)}`, text);
}
