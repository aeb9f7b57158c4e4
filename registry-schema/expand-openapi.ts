/** What an operation asks of whoever wants it; apps/gateway/operation-access.ts says what each means. */
type Access = 'public' | 'anybody' | 'each' | 'server' | 'model';

/** An operation; only what is changed of it is named. */
interface Operation {
  readonly operationId: string;
  readonly 'x-access': Access;
  readonly responses: Readonly<Record<string, unknown>>;
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
/** Any of them will do. */
const CREDENTIALS = [{ bearer: [] }, { certificate: [] }] as const;
const NOBODY = {} as const;
const responseNamed = (name: string) => ({ $ref: `#/components/responses/${name}` });
const UNAUTHENTICATED = { 401: responseNamed('Unauthenticated') };
const DENIED = { ...UNAUTHENTICATED, 403: responseNamed('Denied') };

/** What the document says of each kind of access: who is let in, and what others are answered. */
const SECURED: Record<Access, { readonly security: readonly object[]; readonly responses: object }> = {
  public: { security: [], responses: {} },
  anybody: { security: [...CREDENTIALS, NOBODY], responses: UNAUTHENTICATED },
  each: { security: [...CREDENTIALS, NOBODY], responses: UNAUTHENTICATED },
  server: { security: CREDENTIALS, responses: DENIED },
  model: { security: CREDENTIALS, responses: { ...DENIED, 404: responseNamed('NotFound') } },
};

/** Writes out the paths that the source has in several forms, and what their operations ask of callers. */
export function expandPaths(paths: Paths): Paths {
  return Object.fromEntries(
    Object.entries(paths)
      .flatMap(([path, item]) => expanded(path, item))
      .map(([path, item]) => [path, eachOperation(item, secured)]),
  );
}

function secured({ 'x-access': access, responses, ...operation }: Operation): object {
  const { security, responses: refusals } = SECURED[access];
  return { ...operation, security, responses: { ...responses, ...refusals } };
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
  return eachOperation(item, (operation) => ({ ...operation, operationId: rename(operation.operationId) }));
}

function eachOperation(item: PathItem, change: (operation: Operation) => object): PathItem {
  return {
    ...item,
    ...(item.get === undefined ? {} : { get: change(item.get) }),
    ...(item.post === undefined ? {} : { post: change(item.post) }),
  } as PathItem;
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
