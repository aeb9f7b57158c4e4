import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitProgram } from './git-program.ts';

/** Names of the packs in a folder. One that a fetch is still writing has no index yet, and is none. */
export async function packsIn(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => /^pack-[0-9a-f]+[.]idx$/.test(file)).map((file) => file.slice(0, -'.idx'.length));
}

/**
 * Packs all objects of a partial clone into one pack, whether they came from its remote or are its own, and whether anything refers to
 * them or not: none is lost. Nobody may look for objects meanwhile; a fetch that a killed process left behind may go on.
 *
 * `git repack -a -d` cannot be used for that: it fails while a commit of the clone's own is the newest, for want of a bitmap, and
 * drops objects of such commits once commits from the remote build on them.
 *
 * @see https://git-scm.com/docs/partial-clone and https://git-scm.com/docs/git-repack
 */
export async function packIntoOne(git: GitProgram, folder: string): Promise<void> {
  const before = await packsIn(folder);
  const objects = await git.text(['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)']);
  const hash = await git.text(['pack-objects', '--quiet', '--delta-base-offset', join(folder, 'pack')], {
    input: `${objects}\n`,
  });
  const pack = `pack-${hash}`;
  // What these objects refer to and is not here was left out on purpose.
  await writeFile(join(folder, `${pack}.promisor`), '');
  const superseded = before.filter((name) => name !== pack);
  const files = (await readdir(folder)).filter((file) => superseded.some((name) => file.startsWith(`${name}.`)));
  await Promise.all(files.map((file) => rm(join(folder, file))));
  await git.run(['prune-packed', '--quiet']);
}
