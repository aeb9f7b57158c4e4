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
  readonly status: (typeof STATUSES)[number];
  /** Of the repository at its forge; there where `status` names a forge. */
  readonly statusUrl: string | undefined;
  /** Path of the file that holds the forge's token; there where `status` names a forge. */
  readonly statusTokenFile: string | undefined;
}

const VERIFICATION_KEYS = ['verify', 'allowedSigners', 'keyring', 'signingKey'];
const STATUS_KEYS = ['status', 'statusUrl', 'statusTokenFile'];
const KEYS = ['name', 'url', 'branch', 'path', ...VERIFICATION_KEYS, ...STATUS_KEYS];
const MODES = ['none', 'head', 'every'] as const;
const STATUSES = ['none', 'notes', 'github', 'gitea', 'gitlab'] as const;

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
  const choice = <T extends string>(key: string, choices: readonly [T, ...T[]]): T => {
    const value = text(key, choices[0]);
    const found = choices.find((one) => one === value);
    if (found === undefined) problems.push(`${at}.${key}: one of ${choices.join(', ')} is expected`);
    return found ?? choices[0];
  };
  const status = choice('status', STATUSES);
  for (const key of status === 'none' || status === 'notes' ? [] : ['statusUrl', 'statusTokenFile']) {
    if (fields[key] === undefined) problems.push(`${at}.${key}: ${status} needs it`);
  }
  return {
    name,
    url: text('url'),
    branch: text('branch', 'main'),
    path: text('path', ''),
    verify: choice('verify', MODES),
    allowedSigners: optional('allowedSigners'),
    keyring: optional('keyring'),
    signingKey: optional('signingKey'),
    status,
    statusUrl: optional('statusUrl'),
    statusTokenFile: optional('statusTokenFile'),
  };
}

function invalid(path: string, problems: readonly string[]): DomainError {
  return new DomainError(
    'INPUT_INVALID',
    `${path} lists no repositories that can be used:\n  ${problems.join('\n  ')}`,
  );
}
