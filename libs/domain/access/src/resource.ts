/** What the attributes of a kind of resource are. Several values are those that a version has by its variants. */
export const RESOURCE_ATTRIBUTES = {
  /** The installation as a whole. */
  server: { attributes: [], maps: [] },
  namespace: { attributes: ['namespace', 'owner'], maps: ['labels'] },
  model: { attributes: ['namespace', 'model', 'owner'], maps: ['labels'] },
  version: {
    attributes: ['namespace', 'model', 'version', 'stage', 'owner', 'createdBy', 'target'],
    maps: ['labels'],
  },
  deployment: { attributes: ['namespace', 'deployment', 'model', 'target'], maps: ['labels'] },
} as const;

/** A kind of thing that somebody acts on. */
export type ResourceKind = keyof typeof RESOURCE_ATTRIBUTES;

/** What an attribute may be; an absent one is not there at all. */
export type AttributeValue = string | number | readonly string[];

/** One thing that somebody acts on. It is always a thing that was read, never a mere kind. */
export interface Resource {
  readonly kind: ResourceKind;
  /** By their names, the entries of maps as `labels.<name>`. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** A resource of attributes, without those that are undefined. @param labels become `labels.<name>`. */
export function resource(
  kind: ResourceKind,
  attributes: Readonly<Record<string, AttributeValue | undefined>>,
  labels: Readonly<Record<string, string>> = {},
): Resource {
  const entries: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) entries.push([name, value]);
  for (const [name, value] of Object.entries(labels)) entries.push([`labels.${name}`, value]);
  return { kind, attributes: new Map(entries) };
}

/** The one resource without attributes. */
export const SERVER: Resource = resource('server', {});

/** Those of which a resource can have several, which have no order and no beginning. */
export const MANY_VALUED: ReadonlySet<string> = new Set(['target']);

/** Whether resources of a kind can have an attribute. */
export function hasAttribute(kind: ResourceKind, name: string): boolean {
  const { attributes, maps }: { readonly attributes: readonly string[]; readonly maps: readonly string[] } =
    RESOURCE_ATTRIBUTES[kind];
  const dot = name.indexOf('.');
  return dot === -1 ? attributes.includes(name) : maps.includes(name.slice(0, dot)) && dot < name.length - 1;
}
