import { DomainError } from '#domain/errors';

/** What the values of a field are. `open`: text that may also read as a number. */
export type FieldType = 'text' | 'number' | 'boolean' | 'open';

/** What can be filtered and sorted by. */
export interface FieldTable {
  readonly subject: 'model' | 'version';
  readonly attributes: Readonly<Record<string, FieldType>>;
  /** Maps whose entries are fields: `labels.team`. */
  readonly maps: Readonly<Record<string, FieldType>>;
}

export const VERSION_FIELDS = {
  subject: 'version',
  attributes: {
    namespace: 'text',
    model: 'text',
    owner: 'text',
    version: 'number',
    semanticVersion: 'text',
    stage: 'text',
    pendingStage: 'text',
    deprecated: 'boolean',
    tombstoned: 'boolean',
    description: 'text',
    sourceCommit: 'text',
    createdAt: 'text',
    createdBy: 'text',
    sizeBytes: 'number',
    alias: 'text',
    target: 'text',
    precision: 'text',
    format: 'text',
    dataset: 'text',
    digest: 'text',
    parent: 'number',
  },
  maps: { metrics: 'number', parameters: 'open', labels: 'text', annotations: 'text' },
} as const satisfies FieldTable;

export const MODEL_FIELDS = {
  subject: 'model',
  attributes: {
    namespace: 'text',
    name: 'text',
    owner: 'text',
    description: 'text',
    createdAt: 'text',
    createdBy: 'text',
    updatedAt: 'text',
    versions: 'number',
  },
  maps: { labels: 'text' },
} as const satisfies FieldTable;

/**
 * The type of a field, for the entries of maps that of the map.
 *
 * @param argument where the field was named, for the error.
 * @param at its place in the text, from 0.
 * @throws FILTER_INVALID naming the fields that there are.
 */
export function fieldType(
  table: FieldTable,
  field: string,
  argument: 'filter' | 'where' | 'orderBy.field' = 'filter',
  at?: number,
): FieldType {
  const dot = field.indexOf('.');
  const [fields, name] = dot === -1 ? [table.attributes, field] : [table.maps, field.slice(0, dot)];
  const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (type !== undefined && dot !== field.length - 1) return type;
  const known = [...Object.keys(table.attributes), ...Object.keys(table.maps).map((map) => `${map}.<name>`)];
  const place = at === undefined ? '' : ` at character ${at + 1}`;
  throw new DomainError(
    'FILTER_INVALID',
    `a ${table.subject} has no field ${JSON.stringify(field.slice(0, 60))}${place}: use ${known.join(', ')}`,
    { field: argument },
  );
}
