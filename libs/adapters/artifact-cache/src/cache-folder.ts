import { createHash } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ServedFile } from '#application/serving';
import { type Digest, digestHex } from '#domain/registry';

const WHOLE = 'sha256';
const PARTIAL = 'partial';
const VARIANTS = 'variants';

/** A file of the cache: a whole one, or what has come of one. */
export interface CacheEntry {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly lastUsedAtMs: number;
  /** Identity on the file system: a link to the file has the same. */
  readonly inode: number;
  readonly isWhole: boolean;
}

/**
 * The cache's layout on the disk: `sha256/<hex>` holds whole files, `partial/<hex>` what has come of one, and `variants/<identity>/`
 * links several files by their own paths. A file's time of modification is that of its last use: it survives restarts, and costs
 * no index that could disagree with the folder.
 */
export class CacheFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  pathOf(digest: Digest): string {
    return join(this.#root, WHOLE, digestHex(digest));
  }

  partialPathOf(digest: Digest): string {
    return join(this.#root, PARTIAL, digestHex(digest));
  }

  async createFolders(): Promise<void> {
    for (const name of [WHOLE, PARTIAL]) await mkdir(join(this.#root, name), { recursive: true });
  }

  /** Gives a file that was pulled and verified its name. */
  async publish(digest: Digest): Promise<void> {
    await rename(this.partialPathOf(digest), this.pathOf(digest));
  }

  /** Notes that a file was used now. A folder that cannot be written keeps the time it has. */
  async touch(path: string, nowMs: number): Promise<void> {
    await utimes(path, nowMs / 1000, nowMs / 1000).catch(() => {});
  }

  async entries(): Promise<CacheEntry[]> {
    return [...(await this.#entriesIn(WHOLE)), ...(await this.#entriesIn(PARTIAL))];
  }

  /** Removes whatever lies under a path, with every link to it. */
  async discard(path: string): Promise<void> {
    await this.remove([{ path, inode: (await inodeOf(path)) ?? 0 }]);
  }

  /** Removes files, with every link to them: a file that still has a link takes its room. */
  async remove(entries: readonly Pick<CacheEntry, 'path' | 'inode'>[]): Promise<void> {
    for (const { path } of entries) await rm(path, { recursive: true, force: true });
    const inodes = new Set(entries.map(({ inode }) => inode));
    for (const folder of await namesIn(join(this.#root, VARIANTS))) {
      const path = join(this.#root, VARIANTS, folder);
      if (await holdsAny(path, inodes)) await rm(path, { recursive: true, force: true });
    }
  }

  /** Links whole files into a folder by their own paths; answers the folder. Links that are right already are left alone. */
  async layOut(files: readonly ServedFile[]): Promise<string> {
    const identity = createHash('sha256')
      .update(files.map((file) => `${file.path} ${file.digest}`).join('\n'))
      .digest('hex');
    const folder = join(this.#root, VARIANTS, identity);
    for (const file of files) {
      const source = this.pathOf(file.digest);
      const target = join(folder, file.path);
      if ((await inodeOf(target)) === (await inodeOf(source))) continue;
      await mkdir(dirname(target), { recursive: true });
      await rm(target, { force: true });
      await link(source, target);
    }
    return folder;
  }

  async #entriesIn(name: string): Promise<CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for (const hex of await namesIn(join(this.#root, name))) {
      const path = join(this.#root, name, hex);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      const { size: sizeBytes, mtimeMs: lastUsedAtMs, ino: inode } = found;
      const digest = `sha256:${hex}` as Digest;
      entries.push({ path, digest, sizeBytes, lastUsedAtMs, inode, isWhole: name === WHOLE });
    }
    return entries;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.ino;
}

/** Whether a folder links one of the files, or a file that nobody else links any more. */
async function holdsAny(folder: string, inodes: ReadonlySet<number>): Promise<boolean> {
  for (const name of await readdir(folder, { recursive: true })) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() === true && (inodes.has(found.ino) || found.nlink === 1)) return true;
  }
  return false;
}
