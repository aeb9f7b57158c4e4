import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { PluginFolder, PluginFolders } from '#application/plugin';

const MAX_FILES = 5000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LIST_BYTES = 1024 * 1024;
/** Names that sha256sum writes otherwise than they are. */
const ODD_NAME = /[\\\n\r]/;

/**
 * Plugins on the disk. Each file is read once: what was verified is what is loaded, whatever is written to the folder afterwards.
 *
 * The digest is that of the list that `find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum` prints in the folder.
 */
export class FsPluginFolders implements PluginFolders {
  readonly #placed: string[] = [];

  async readOptions(file: string): Promise<string> {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_LIST_BYTES) throw new Error(`${file} has more than 1 MiB`);
    return text;
  }

  resolve(file: string, path: string): string {
    return resolve(dirname(resolve(file)), path);
  }

  async read(path: string): Promise<PluginFolder> {
    const files = await filesIn(path);
    const lines = [...files].map(([name, bytes]) => `${sha256(bytes)}  ./${name}\n`);
    return {
      digest: `sha256:${sha256(Buffer.from(lines.join('')))}`,
      text: (file) => files.get(file)?.toString('utf8'),
      place: () => this.#place(files),
    };
  }

  /** Removes all that was placed. */
  async clear(): Promise<void> {
    await Promise.all(this.#placed.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  }

  async #place(files: ReadonlyMap<string, Buffer>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-plugin-'));
    this.#placed.push(folder);
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
      await writeFile(join(folder, name), bytes, { mode: 0o400, flag: 'wx' });
    }
    await chmod(folder, 0o700);
    return folder;
  }
}

/** By path, in the order of their bytes. */
async function filesIn(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = await namesIn(root, '');
  const sorted = names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  const files = new Map<string, Buffer>();
  let sizeBytes = 0;
  for (const name of sorted) {
    const bytes = await readAtMost(join(root, name), MAX_BYTES - sizeBytes);
    if (bytes === undefined) throw new Error('it has more than 64 MiB');
    sizeBytes += bytes.length;
    files.set(name, bytes);
  }
  return files;
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (ODD_NAME.test(name)) throw new Error(`the name ${JSON.stringify(name)} cannot be listed`);
    if (entry.isDirectory()) names.push(...(await namesIn(root, name)));
    else if (entry.isFile()) names.push(name);
    else throw new Error(`${name} is no file and no folder; links are not followed`);
    if (names.length > MAX_FILES) throw new Error(`it has more than ${MAX_FILES} files`);
  }
  return names;
}

/** `undefined` for a file that is larger, which is not read then. */
async function readAtMost(path: string, maxBytes: number): Promise<Buffer | undefined> {
  await using handle = await open(path);
  const { size } = await handle.stat();
  return size > maxBytes ? undefined : handle.readFile();
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
