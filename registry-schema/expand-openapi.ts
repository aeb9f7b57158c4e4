/** An operation; only what is changed of it is named. */
interface Operation {
  readonly operationId: string;
  readonly [field: string]: unknown;
}

/** A path item of the source, with our own marks for paths that come in several forms. */
interface PathItem {
  /** The version may be named behind the model. */
  readonly 'x-by-version'?: true;
  /** What `{kind}` stands for: a word of the path, not a parameter. */
  readonly 'x-kinds'?: readonly string[];
  readonly parameters?: readonly unknown[];
  readonly get?: Operation;
  readonly post?: Operation;
}

type Paths = Readonly<Record<string, PathItem>>;

/** The part of an OpenAPI document that is read here. */
export interface OpenApiSource {
  readonly paths: Paths;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const VERSION = { $ref: '#/components/parameters/version' };

/** Writes out the paths that the source has in several forms. */
export function expandPaths(paths: Paths): Paths {
  return Object.fromEntries(Object.entries(paths).flatMap(([path, item]) => expanded(path, item)));
}

function expanded(path: string, item: PathItem): [string, PathItem][] {
  const { 'x-by-version': isByVersion, 'x-kinds': kinds, ...plain } = item;
  if (kinds !== undefined) {
    return kinds.map((kind) => [path.replace('{kind}', kind), renamed(plain, (id) => `${id}${capitalised(kind)}`)]);
  }
  if (isByVersion === undefined) return [[path, plain]];
  const byVersion = { ...plain, parameters: [...(plain.parameters ?? []), VERSION] };
  return [
    [path, plain],
    [path.replace('{model}', '{model}/versions/{version}'), renamed(byVersion, (id) => `${id}ByVersion`)],
  ];
}

function renamed(item: PathItem, rename: (operationId: string) => string): PathItem {
  const change = (operation: Operation) => ({ ...operation, operationId: rename(operation.operationId) });
  return {
    ...item,
    ...(item.get === undefined ? {} : { get: change(item.get) }),
    ...(item.post === undefined ? {} : { post: change(item.post) }),
  };
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
