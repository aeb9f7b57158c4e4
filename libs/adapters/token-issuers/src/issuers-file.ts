import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DomainError } from '#domain/errors';
import type { TokenIssuer } from './token-issuer.ts';

const KEYS = ['issuer', 'audience', 'jwksUri', 'kind', 'prefix', 'nameClaim', 'groupsClaim', 'attributeClaims'];

/**
 * Reads a list of identity providers from a YAML or JSON file.
 *
 * @throws INPUT_INVALID naming everything that is wrong in it.
 */
export async function readIssuersFile(path: string): Promise<readonly TokenIssuer[]> {
  const problems: string[] = [];
  const list = await parseFile(path);
  if (!Array.isArray(list) || list.length === 0) throw invalid(path, ['a list of issuers is expected']);
  const issuers = list.map((item: unknown, index) => readIssuer(item, `[${index}]`, problems));
  for (const [index, { issuer, kind, prefix }] of issuers.entries()) {
    const before = issuers.slice(0, index);
    if (before.some((other) => other.issuer === issuer)) problems.push(`[${index}].issuer: ${issuer} is there already`);
    else if (before.some((other) => other.kind === kind && other.prefix === prefix)) {
      problems.push(
        `[${index}].prefix: another issuer names ${kind}s with the same prefix, and they must be told apart`,
      );
    }
  }
  if (problems.length > 0) throw invalid(path, problems);
  return issuers;
}

async function parseFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(path, [(error as Error).message]);
  }
}

function readIssuer(item: unknown, at: string, problems: string[]): TokenIssuer {
  const fields = recordOf(item);
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key)) problems.push(`${at}.${key}: there is no such key; there are ${KEYS.join(', ')}`);
  }
  const text = (key: string, fallback?: string): string => {
    const value = fields[key] ?? fallback;
    if (typeof value === 'string' && (value !== '' || fallback === '')) return value;
    problems.push(`${at}.${key}: a text is expected`);
    return '';
  };
  const url = (key: string): string => {
    const value = text(key);
    if (value !== '' && !isSafeUrl(value)) {
      problems.push(`${at}.${key}: an https URL is expected; http only goes to this machine`);
    }
    return value;
  };
  const kind = text('kind', 'user');
  if (kind !== 'user' && kind !== 'workload') problems.push(`${at}.kind: user or workload is expected`);
  return {
    issuer: url('issuer'),
    audience: text('audience'),
    jwksUri: fields['jwksUri'] === undefined ? undefined : url('jwksUri'),
    kind: kind === 'workload' ? kind : 'user',
    prefix: text('prefix', ''),
    nameClaim: text('nameClaim', 'sub'),
    groupsClaim: text('groupsClaim', 'groups'),
    attributeClaims: readClaims(fields['attributeClaims'] ?? {}, `${at}.attributeClaims`, problems),
  };
}

function readClaims(value: unknown, at: string, problems: string[]): Record<string, string> {
  const claims: Record<string, string> = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    problems.push(`${at}: names and claims are expected`);
  for (const [name, claim] of Object.entries(recordOf(value))) {
    if (typeof claim === 'string' && /^[a-zA-Z0-9_.:/-]{1,128}$/.test(name)) claims[name] = claim;
    else problems.push(`${at}.${name}: a name of letters, digits and "_.:/-" and a claim are expected`);
  }
  return claims;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
}

/** Keys that came over an open network could be anybody's. */
export function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback);
}

function invalid(path: string, problems: readonly string[]): DomainError {
  return new DomainError(
    'INPUT_INVALID',
    `${path} lists no token issuers that can be used:\n  ${problems.join('\n  ')}`,
  );
}
