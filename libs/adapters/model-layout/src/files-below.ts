import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#domain/errors';
import type { LocalFile } from './local-model.ts';

/**
 * All files below a folder, by path. Links to files count as files, as Hugging Face's cache has them; names that begin with a dot are
 * left out.
 *
 * @throws INPUT_INVALID at a link to a folder, which might lead anywhere, and at one to nothing.
 */
export async function filesBelow(folder: string, prefix = ''): Promise<LocalFile[]> {
  const files: LocalFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const localPath = join(folder, entry.name);
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesBelow(localPath, `${path}/`)));
    else if (entry.isFile() || (await isLinkToFile(localPath))) files.push({ path, localPath });
  }
  return files;
}

async function isLinkToFile(path: string): Promise<boolean> {
  const target = await stat(path).catch(() => undefined);
  if (target?.isFile() === true) return true;
  throw new DomainError('INPUT_INVALID', `${path} is neither a file nor a folder nor a link to a file: leave it out`);
}
