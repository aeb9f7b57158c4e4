import type { ManifestFile } from '#application/rollout';
import type { GitProgram } from './git-program.ts';

/** Larger files are no manifests. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;

const SYMLINK = '120000';
const SUBMODULE = '160000';

/** A file of a tree that is named like a manifest. */
export interface ManifestEntry {
  readonly mode: string;
  readonly hash: string;
  readonly path: string;
}

/** The files in a folder of a commit that are named like manifests. Sizes are not asked for: git would have to fetch large files. */
export async function listManifests(git: GitProgram, commit: string, folder: string): Promise<ManifestEntry[]> {
  const listing = await git.run(['ls-tree', '-r', '-z', '--full-tree', commit, ...below(folder)]);
  return listing
    .toString('utf8')
    .split('\0')
    .map((line) => {
      const [meta = '', path = ''] = line.split('\t');
      const [mode = '', , hash = ''] = meta.split(' ');
      return { mode, hash, path };
    })
    .filter(({ path }) => isManifestPath(path));
}

/** Reads files in a fixed number of processes, however many they are. @returns their content by hash. */
export async function readManifests(
  git: GitProgram,
  entries: readonly ManifestEntry[],
): Promise<Map<string, ManifestFile['content']>> {
  const contents = new Map<string, ManifestFile['content']>();
  const hashes = entries.filter((entry) => refusalOf(entry) === undefined).map(({ hash }) => hash);
  if (hashes.length === 0) return contents;
  const wanted = [...new Set(hashes)];
  // What the server left out of the mirror is more than was asked for.
  for (const hash of wanted) contents.set(hash, tooLarge(`more than ${MAX_MANIFEST_BYTES} bytes`));
  const present = await presentObjects(git, wanted);
  const readable: string[] = [];
  for (const [hash, sizeBytes] of await sizesOf(git, present)) {
    if (sizeBytes > MAX_MANIFEST_BYTES) contents.set(hash, tooLarge(`${sizeBytes} bytes`));
    else readable.push(hash);
  }
  for (const [hash, text] of await textsOf(git, readable)) contents.set(hash, { kind: 'text', text });
  return contents;
}

/** Why an entry is not read whatever its content; `undefined` for a file. */
export function refusalOf({ mode, path }: ManifestEntry): string | undefined {
  if (mode === SYMLINK) return 'a symbolic link is not followed: commit the manifest itself';
  if (mode === SUBMODULE) return 'a submodule is not read: commit the manifest itself';
  // No git makes such a tree; somebody else's program may.
  if (path.split('/').some((name) => name === '..' || name === '.' || name === '' || /^\.git$/i.test(name))) {
    return 'a path with ".", ".." or ".git" in it leads somewhere else';
  }
  return undefined;
}

export function isManifestPath(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

/** Arguments that narrow a command to a folder; none for all of the repository. */
export function below(folder: string): string[] {
  return folder === '' ? [] : ['--', `${folder.replace(/\/+$/, '')}/`];
}

function tooLarge(size: string): ManifestFile['content'] {
  return { kind: 'refused', reason: `${size} are too many for a manifest: ${MAX_MANIFEST_BYTES} are allowed` };
}

/** Those of the objects that are in the mirror. Asked in this way, git does not fetch the others. */
async function presentObjects(git: GitProgram, hashes: readonly string[]): Promise<string[]> {
  const flags = ['--objects', '--no-object-names', '--missing=allow-any', '--ignore-missing', '--stdin'];
  return linesOf(await git.text(['rev-list', ...flags], { input: `${hashes.join('\n')}\n` }));
}

async function sizesOf(git: GitProgram, hashes: readonly string[]): Promise<[hash: string, sizeBytes: number][]> {
  if (hashes.length === 0) return [];
  const format = '--batch-check=%(objectname) %(objectsize)';
  return linesOf(await git.text(['cat-file', format], { input: `${hashes.join('\n')}\n` })).map((line) => {
    const [hash = '', size] = line.split(' ');
    return [hash, Number(size)];
  });
}

async function textsOf(git: GitProgram, hashes: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  if (hashes.length === 0) return texts;
  const output = await git.run(['cat-file', '--batch'], { input: `${hashes.join('\n')}\n` });
  // Each object: "<hash> blob <size>\n<bytes>\n".
  for (let at = 0; at < output.byteLength; ) {
    const endOfLine = output.indexOf(10, at);
    const [hash = '', , size = '0'] = output.subarray(at, endOfLine).toString('utf8').split(' ');
    const start = endOfLine + 1;
    texts.set(hash, output.subarray(start, start + Number(size)).toString('utf8'));
    at = start + Number(size) + 1;
  }
  return texts;
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
