import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { DomainError, isDomainError } from '#domain/errors';
import { isModelPattern } from '#domain/signing';
import { type KeyedSigner, KeyedSigners } from './keyed-signers.ts';
import { keyIdOf, readPublicKey } from './signing-key.ts';

const KEYS = ['name', 'publicKey', 'models'];
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,62}$/;
const MAX_SIGNERS = 100;

/**
 * Reads who may sign versions from a YAML or JSON file. Paths of keys in it are relative to it.
 *
 * @param path `undefined`: nobody may.
 * @throws INPUT_INVALID naming everything that is wrong in it.
 */
export async function readSignersFile(path: string | undefined): Promise<KeyedSigners> {
  if (path === undefined) return new KeyedSigners([]);
  const list = await parseFile(path);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_SIGNERS) {
    throw invalid(path, [`a list of 1 to ${MAX_SIGNERS} signers is expected`]);
  }
  const problems: string[] = [];
  const signers: KeyedSigner[] = [];
  for (const [index, item] of list.entries()) {
    const signer = await readSigner(item, `[${index}]`, dirname(path), problems);
    if (signer === undefined) continue;
    if (signers.some(({ name }) => name === signer.name))
      problems.push(`[${index}].name: ${signer.name} is there already`);
    const twin = signers.find(({ keyId }) => keyId === signer.keyId);
    if (twin !== undefined) problems.push(`[${index}].publicKey: ${twin.name} has this key already`);
    signers.push(signer);
  }
  if (problems.length > 0) throw invalid(path, problems);
  return new KeyedSigners(signers);
}

async function parseFile(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(path, [(error as Error).message]);
  }
}

async function readSigner(
  item: unknown,
  at: string,
  folder: string,
  problems: string[],
): Promise<KeyedSigner | undefined> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    problems.push(`${at}: a name, a publicKey and, if need be, models are expected`);
    return undefined;
  }
  const { name, publicKey, models } = item as Record<string, unknown>;
  for (const key of Object.keys(item)) {
    if (!KEYS.includes(key)) problems.push(`${at}.${key}: there is no such key; there are ${KEYS.join(', ')}`);
  }
  const isNamed = typeof name === 'string' && NAME.test(name);
  if (!isNamed) problems.push(`${at}.name: a name of up to 63 letters, digits and "._@-" is expected`);
  const patterns = readModels(models, `${at}.models`, problems);
  const key = await readKey(publicKey, `${at}.publicKey`, folder, problems);
  if (!isNamed || key === undefined) return undefined;
  return { name, publicKey: key, keyId: keyIdOf(key), models: patterns };
}

async function readKey(value: unknown, at: string, folder: string, problems: string[]) {
  if (typeof value !== 'string' || value === '') {
    problems.push(`${at}: a public key in PEM, or the path of a file with one, is expected`);
    return undefined;
  }
  try {
    const pem = value.includes('-----BEGIN') ? value : await readFile(resolve(folder, value), 'utf8');
    return readPublicKey(pem, at);
  } catch (error) {
    problems.push(isDomainError(error) ? error.message : `${at}: ${(error as Error).message}`);
    return undefined;
  }
}

function readModels(value: unknown, at: string, problems: string[]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((model) => typeof model === 'string' && isModelPattern(model))
  ) {
    return value as string[];
  }
  problems.push(`${at}: a list such as [payments/*] is expected; each is NAMESPACE/MODEL, of which both may end in *`);
  return undefined;
}

function invalid(path: string, problems: readonly string[]): DomainError {
  return new DomainError('INPUT_INVALID', `${path} lists no signers that can be used:\n  ${problems.join('\n  ')}`);
}
