import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServedVariant } from '#application/serving';

/** Below it weights are not worth files of their own. */
const WORTH_BYTES = 256 * 1024;

/**
 * Folders in which runners leave models as their runtime wants them, so that those of one variant have one copy of its weights in memory.
 * What runners wrote is trusted as they are: by runners of the same variant, and not beyond the life of the last one.
 */
export class PreparedFolders {
  readonly #root: string;
  readonly #users = new Map<string, number>();
  #removed = 0;

  /** @param root of this object's alone; whatever is in it goes. */
  constructor(root: string) {
    this.#root = root;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true, mode: 0o700 });
  }

  /**
   * The folder for a runner of a variant; there is one when the first runner has made it.
   *
   * @param until the runner has ended: with the last one the folder goes.
   * @returns `undefined` for a variant that is too small to share.
   */
  take({ files, target }: ServedVariant, until: Promise<void>): string | undefined {
    if (files.reduce((total, { sizeBytes }) => total + sizeBytes, 0) < WORTH_BYTES) return undefined;
    const identity = JSON.stringify([target, ...files.map(({ path, digest }) => [path, digest])]);
    const folder = join(this.#root, createHash('sha256').update(identity).digest('hex'));
    this.#users.set(folder, (this.#users.get(folder) ?? 0) + 1);
    void until.then(() => this.#leave(folder));
    return folder;
  }

  #leave(folder: string): void {
    const left = (this.#users.get(folder) ?? 1) - 1;
    if (left > 0) {
      this.#users.set(folder, left);
      return;
    }
    this.#users.delete(folder);
    this.#removed += 1;
    const trash = join(this.#root, `removed-${this.#removed}`);
    try {
      // At once, so that the next runner of the variant does not find half of it.
      renameSync(folder, trash);
    } catch {
      // Nobody had made it.
      return;
    }
    // What cannot be removed goes when the root is opened again.
    void rm(trash, { recursive: true, force: true }).catch(() => {});
  }
}
