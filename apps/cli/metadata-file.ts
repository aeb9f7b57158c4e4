import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DomainError } from '#domain/errors';
import type { PushMetadata } from './push-model.ts';

/** What `--metadata` files and options say, before it takes the form of the wire. */
export interface MetadataDraft {
  readonly description?: string;
  readonly semanticVersion?: string;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly trainingData?: readonly { readonly name: string; readonly uri?: string; readonly digest?: string }[];
  readonly sourceCommit?: string;
  readonly parents?: readonly number[];
  readonly signature?: PushMetadata['signature'];
}

const KNOWN = [
  'description',
  'semanticVersion',
  'metrics',
  'parameters',
  'labels',
  'trainingData',
  'sourceCommit',
  'parents',
  'signature',
];

/** Reads a JSON or YAML file of metadata. @throws INPUT_INVALID naming the file and what is wrong. */
export function readMetadataFile(path: string): MetadataDraft {
  let document: unknown;
  try {
    // JSON is YAML.
    document = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DomainError('INPUT_INVALID', `${path} cannot be read as JSON or YAML: ${(error as Error).message}`);
  }
  if (typeof document !== 'object' || document === null)
    throw new DomainError('INPUT_INVALID', `${path} must hold an object`);
  const unknown = Object.keys(document).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new DomainError('INPUT_INVALID', `${path}: ${unknown} is not known; use ${KNOWN.join(', ')}`);
  }
  return document;
}

/** `name=value` options as a map. @throws INPUT_INVALID */
export function parsePairs(option: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new DomainError('INPUT_INVALID', `${option} must be name=value, not ${JSON.stringify(pair)}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Two drafts in one; the second wins. */
export function mergeMetadata(base: MetadataDraft, over: MetadataDraft): MetadataDraft {
  return {
    ...base,
    ...over,
    metrics: { ...base.metrics, ...over.metrics },
    parameters: { ...base.parameters, ...over.parameters },
    labels: { ...base.labels, ...over.labels },
    trainingData: [...(base.trainingData ?? []), ...(over.trainingData ?? [])],
    parents: [...(base.parents ?? []), ...(over.parents ?? [])],
  };
}

/** A draft as the registry takes it. @throws INPUT_INVALID when a metric is no number. */
export function toPushMetadata(draft: MetadataDraft): PushMetadata {
  const texts = (map: Readonly<Record<string, unknown>> = {}) =>
    Object.entries(map).map(([name, value]) => ({ name, value: String(value) }));
  return {
    ...(draft.description === undefined ? {} : { description: draft.description }),
    ...(draft.semanticVersion === undefined ? {} : { semanticVersion: draft.semanticVersion }),
    ...(draft.signature === undefined ? {} : { signature: draft.signature }),
    ...(draft.sourceCommit === undefined ? {} : { sourceCommit: draft.sourceCommit }),
    metrics: Object.entries(draft.metrics ?? {}).map(([name, value]) => {
      if (typeof value === 'number' && Number.isFinite(value)) return { name, value };
      throw new DomainError('INPUT_INVALID', `metric ${name} must be a number, not ${JSON.stringify(value)}`);
    }),
    parameters: texts(draft.parameters),
    labels: texts(draft.labels),
    trainingData: [...(draft.trainingData ?? [])],
    parents: [...(draft.parents ?? [])],
  };
}
