import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#domain/errors';

/** A file with policies, named as its reader named it. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

/** What the registry takes in one request, less what is around the files. */
const MAX_BYTES = 240 * 1024;

/**
 * The files with policies among some files, and in some folders at any depth, as the controller finds them in a repository.
 *
 * @throws INPUT_INVALID when one is not there, or all of them are too large.
 */
export async function readPolicyFiles(
  paths: readonly string[],
  holdsPolicy: (text: string) => boolean,
): Promise<readonly PolicyFile[]> {
  const found: PolicyFile[] = [];
  for (const path of (await Promise.all(paths.map(yamlFilesIn))).flat()) {
    const text = await readFile(path, 'utf8');
    if (holdsPolicy(text)) found.push({ path, text });
  }
  const sizeBytes = found.reduce((sum, { text }) => sum + Buffer.byteLength(JSON.stringify(text)), 0);
  if (sizeBytes > MAX_BYTES) {
    throw new DomainError(
      'INPUT_INVALID',
      `the policies have ${sizeBytes} bytes, and ${MAX_BYTES} can be tried at once`,
    );
  }
  return found;
}

async function yamlFilesIn(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new DomainError('INPUT_INVALID', `there is no file or folder ${path}`);
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.split('/').includes('.git'))
    .sort();
}
