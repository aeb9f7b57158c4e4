import { DomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import type { ModelFile, VariantDeclaration, VersionMetadata } from '#domain/registry';

const MAX_FILES = 1000;
const MAX_ENTRIES = 500;
const MAX_TEXT = 10_000;
const MAX_CARD = 100_000;
const PATH_SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9 ._+-]*$/;

/** What a client declares of a new version. */
export interface VersionDeclaration {
  readonly metadata: VersionMetadata;
  readonly variants: readonly VariantDeclaration[];
  /** What the files are expected to have as inputs and outputs; checked against them where their format can be read. */
  readonly signature?: ModelSignature;
}

/**
 * Checks a declaration before anything is stored.
 *
 * @throws INPUT_INVALID naming the field that is wrong, what it holds and what is allowed.
 */
export function assertDeclaration({ metadata, variants }: VersionDeclaration): void {
  if (variants.length === 0) throw invalid('input.variants', 'must have at least one entry');
  variants.forEach((variant, index) => {
    assertVariant(variant, `input.variants[${index}]`);
    const twin = variants.findIndex(
      (other) => other.target === variant.target && other.precision === variant.precision,
    );
    if (twin !== index) throw invalid(`input.variants[${index}]`, `repeats ${variant.target}/${variant.precision}`);
  });
  assertMetadata(metadata);
}

function assertVariant(variant: VariantDeclaration, field: string): void {
  const { files } = variant;
  if (files.length === 0 || files.length > MAX_FILES)
    throw invalid(`${field}.files`, `must have 1 to ${MAX_FILES} entries`);
  files.forEach((file, index) => {
    assertFile(file, `${field}.files[${index}]`);
    if (files.findIndex((other) => other.path === file.path) !== index) {
      throw invalid(`${field}.files[${index}].path`, `repeats ${JSON.stringify(file.path)}`);
    }
  });
}

function assertFile(file: ModelFile, field: string): void {
  const isSafe = file.path.length <= 255 && file.path.split('/').every((segment) => PATH_SEGMENT.test(segment));
  if (!isSafe) {
    const rule =
      'a relative path; segments begin with a letter, digit or "_" and hold letters, digits, spaces and "._+-"';
    throw invalid(`${field}.path`, `${JSON.stringify(file.path.slice(0, 80))} is not allowed: use ${rule}`);
  }
  if (!Number.isSafeInteger(file.sizeBytes) || file.sizeBytes <= 0) {
    throw invalid(`${field}.sizeBytes`, `must be a positive whole number, not ${file.sizeBytes}`);
  }
}

function assertMetadata(metadata: VersionMetadata): void {
  assertText('input.description', metadata.description);
  assertText('input.sourceCommit', metadata.sourceCommit);
  assertLabels('input.parameters', metadata.parameters);
  assertLabels('input.labels', metadata.labels);
  assertLabels('input.metrics', Object.fromEntries(Object.keys(metadata.metrics).map((name) => [name, ''])));
  for (const [name, value] of Object.entries(metadata.metrics)) {
    if (!Number.isFinite(value)) throw invalid(`input.metrics.${name}`, 'must be finite');
  }
  if (metadata.trainingData.length > MAX_ENTRIES)
    throw invalid('input.trainingData', `must have at most ${MAX_ENTRIES} entries`);
  metadata.trainingData.forEach((reference, index) => {
    assertText(`input.trainingData[${index}]`, `${reference.name}${reference.uri ?? ''}`);
  });
}

/** @throws INPUT_INVALID when labels are too many, too long or without a name. */
export function assertLabels(field: string, labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > MAX_ENTRIES) throw invalid(field, `must have at most ${MAX_ENTRIES} entries`);
  for (const [name, value] of entries) {
    if (name === '') throw invalid(field, 'has an entry without a name');
    assertText(`${field}.${name.slice(0, 40)}`, `${name}${value}`);
  }
}

/** @throws INPUT_INVALID when a model card is longer than a long document. */
export function assertCard(field: string, card: string | undefined): void {
  if (card !== undefined && card.length > MAX_CARD) throw invalid(field, `must have at most ${MAX_CARD} characters`);
}

/** @throws INPUT_INVALID */
export function assertText(field: string, text: string | undefined): void {
  if (text !== undefined && text.length > MAX_TEXT) throw invalid(field, `must have at most ${MAX_TEXT} characters`);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('INPUT_INVALID', `${field} ${problem}`, { field });
}
