import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DomainError } from '#domain/errors';

/** One repository of a list. */
export interface ListedSource {
  /** Unique; letters, digits and hyphens. */
  readonly name: string;
  readonly url: string;
  readonly branch: string;
  readonly path: string;
  readonly verify: 'none' | 'head' | 'every';
  readonly allowedSigners: string | undefined;
  readonly keyring: string | undefined;
  readonly signingKey: string | undefined;
}

const KEYS = ['name', 'url', 'branch', 'path', 'verify', 'allowedSigners', 'keyring', 'signingKey'];
const MODES = ['none', 'head', 'every'] as const;

/**
 * Reads a list of repositories from a YAML or JSON file.
 *
 * @throws INPUT_INVALID naming everything that is wrong in it.
 */
export async function readSourcesFile(path: string): Promise<ListedSource[]> {
  const problems: string[] = [];
  const list = await parseFile(path);
  if (!Array.isArray(list) || list.length === 0) throw invalid(path, ['a list of repositories is expected']);
  const sources = list.map((item: unknown, index) => readSource(item, `[${index}]`, problems));
  const names = sources.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) problems.push(`[${index}].name: ${JSON.stringify(name)} is taken`);
  }
  if (problems.length > 0) throw invalid(path, problems);
  return sources;
}

async function parseFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(path, [(error as Error).message]);
  }
}

function readSource(item: unknown, at: string, problems: string[]): ListedSource {
  const fields = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key)) problems.push(`${at}.${key}: there is no such key; there are ${KEYS.join(', ')}`);
  }
  const text = (key: string, fallback?: string): string => {
    const value = fields[key] ?? fallback;
    if (typeof value === 'string') return value;
    problems.push(`${at}.${key}: a text is expected`);
    return '';
  };
  const optional = (key: string) => (fields[key] === undefined ? undefined : text(key));
  const name = text('name');
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(name)) {
    problems.push(`${at}.name: letters, digits and hyphens are expected, 63 at most`);
  }
  const mode = text('verify', 'none');
  const verify = MODES.find((choice) => choice === mode);
  if (verify === undefined) problems.push(`${at}.verify: one of ${MODES.join(', ')} is expected`);
  return {
    name,
    url: text('url'),
    branch: text('branch', 'main'),
    path: text('path', ''),
    verify: verify ?? 'none',
    allowedSigners: optional('allowedSigners'),
    keyring: optional('keyring'),
    signingKey: optional('signingKey'),
  };
}

function invalid(path: string, problems: readonly string[]): DomainError {
  return new DomainError(
    'INPUT_INVALID',
    `${path} lists no repositories that can be used:\n  ${problems.join('\n  ')}`,
  );
}
