import { Ajv, type ErrorObject } from 'ajv';

/** One thing that is wrong with a document, at a path such as `spec.rollout.steps[0].setWeight`. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
}

/** Each is compared with each. */
const MAX_PROBLEMS = 500;
/** Longer ones are not misspelt. */
const MAX_WORD_LENGTH = 40;

/** The outcome of a validation: the document with its type, or what is wrong with it. */
export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/** How a schema is taken. */
export interface SchemaOptions {
  /** Whether a schema with something in it that means nothing is refused. Ours are taken so. */
  readonly isStrict: boolean;
}

/**
 * Compiles a JSON Schema once, into a function that validates documents against it.
 *
 * @param references schemas that it refers to, by their `$id`.
 * @throws Error when it is no schema.
 */
export function compileSchema<T>(
  schema: object,
  references: readonly object[] = [],
  { isStrict }: SchemaOptions = { isStrict: true },
): (document: unknown) => Validation<T> {
  const ajv = new Ajv({
    allErrors: true,
    strict: isStrict,
    verbose: true,
    discriminator: true,
    allowUnionTypes: true,
    logger: isStrict && console,
  });
  for (const reference of references) ajv.addSchema(reference);
  const validate = ajv.compile(schema);
  return (document) => {
    if (validate(document)) return { ok: true, value: document as T };
    return { ok: false, problems: readable((validate.errors ?? []).slice(0, MAX_PROBLEMS), document) };
  };
}

function readable(errors: readonly ErrorObject[], document: unknown): SchemaProblem[] {
  const relevant = errors.filter((error) => error.keyword !== 'if' && !isOtherBranch(error, errors));
  const problems = relevant.map((error) => ({ path: pathOf(error), message: messageOf(error) }));
  const unique = problems.filter(
    (problem, index) =>
      problems.findIndex((other) => other.path === problem.path && other.message === problem.message) === index,
  );
  return unique.length > 0 ? unique : [{ path: '', message: `is not valid: ${shown(document)}` }];
}

/**
 * Alternatives (oneOf) report the faults of every branch. Where an object has the key that marks one branch, only that branch's
 * faults were meant; where it has none of them, only the missing marks matter, told by the oneOf error itself.
 */
function isOtherBranch(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword === 'oneOf' && markOf(error) !== undefined) return true;
  return all.some((alternative) => {
    const isAround =
      alternative.keyword === 'oneOf' &&
      error.schemaPath !== alternative.schemaPath &&
      isWithin(error.instancePath, alternative.instancePath);
    if (!isAround) return false;
    const mark = markOf(alternative);
    if (mark === undefined) return true;
    const isInsideMark = isWithin(error.instancePath, `${alternative.instancePath}/${mark}`);
    return !isInsideMark && !(error.keyword === 'additionalProperties' && belongsTo(error, mark));
  });
}

function isWithin(path: string, around: string): boolean {
  return path === around || path.startsWith(`${around}/`);
}

/** The key by which an object chose a branch of a oneOf. */
function markOf(alternative: ErrorObject): string | undefined {
  const marks = (alternative.schema as readonly { readonly required?: readonly string[] }[]).flatMap(
    (branch) => branch.required ?? [],
  );
  return marks.find((mark) => typeof alternative.data === 'object' && Object.hasOwn(alternative.data ?? {}, mark));
}

function belongsTo(error: ErrorObject, mark: string): boolean {
  return Object.hasOwn((error.parentSchema as { properties?: object }).properties ?? {}, mark);
}

function pathOf(error: ErrorObject): string {
  const segments = error.instancePath.split('/').slice(1).map(unescapePointer);
  const { additionalProperty, missingProperty } = error.params as Record<string, string | undefined>;
  const named = additionalProperty ?? missingProperty;
  return [...segments, ...(named === undefined ? [] : [named])]
    .map((segment, index) => (/^\d+$/.test(segment) ? `[${segment}]` : index === 0 ? segment : `.${segment}`))
    .join('');
}

function messageOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      const meant = nearest(String(params['additionalProperty']), known);
      return meant === undefined
        ? `is not a known field: use ${known.join(', ')}`
        : `is not a known field: did you mean ${meant}?`;
    }
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}, not ${shown(error.data)}`;
    case 'const':
      return `must be ${shown(params['allowedValue'])}, not ${shown(error.data)}`;
    case 'false schema':
      return 'does not go with the fields beside it';
    case 'not': {
      const { required = [] } = error.schema as { readonly required?: readonly string[] };
      return required.length === 0 ? 'is not valid' : `cannot have ${required.join(' and ')} at once`;
    }
    case 'discriminator': {
      const { tag = '', tagValue } = params as { tag?: string; tagValue?: unknown };
      const branches = (error.parentSchema as { oneOf: { properties: Record<string, { const: string }> }[] }).oneOf;
      const known = branches.map(({ properties }) => properties[tag]?.const).join(', ');
      return tagValue === undefined
        ? `must have ${tag}: one of ${known}`
        : `has ${tag} ${shown(tagValue)}, which must be one of ${known}`;
    }
    case 'oneOf': {
      const marks = (error.schema as { required?: string[] }[]).flatMap((branch) => branch.required ?? []);
      return `must be one of ${marks.join(', ')}`;
    }
    default:
      return `${error.message ?? 'is not valid'}, not ${shown(error.data)}`;
  }
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
  } catch {
    // YAML's aliases can make a value contain itself.
    return 'a value that contains itself';
  }
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The known word within two edits of a misspelt one. */
function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_LENGTH) return undefined;
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  return best !== undefined && best.distance <= 2 ? best.candidate : undefined;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
