import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GitProgram } from './git-program.ts';
import { MAX_MANIFEST_BYTES } from './manifest-blobs.ts';
import { removeStaleLocks } from './stale-locks.ts';

const REMOTE = 'refs/remotes/source/';
/** The head that was read and found good last: it outlives a restart, and keeps its objects from being tidied away. */
const ACCEPTED = 'refs/slipway/accepted';
/** Every fetch adds a pack, and git looks through all of them for each object. */
const MAX_PACKS = 50;

/**
 * The private bare copy of a repository: all branches, without any file that is too large for a manifest where the server can leave
 * such files out (partial clone). What was left out is never asked for later.
 *
 * @see https://git-scm.com/docs/partial-clone
 */
export class Mirror {
  readonly git: GitProgram;
  readonly #directory: string;
  readonly #url: string;
  #isOpen = false;
  #fetching: Promise<void> = Promise.resolve();

  constructor(directory: string, url: string) {
    this.git = new GitProgram(directory);
    this.#directory = directory;
    this.#url = url;
  }

  get directory(): string {
    return this.#directory;
  }

  /**
   * Brings all branches up to date; calls take turns.
   *
   * @throws SOURCE_UNAVAILABLE when the repository cannot be reached; what was fetched before stays.
   */
  fetch(): Promise<void> {
    return this.#inTurn(() => this.#fetchNow());
  }

  /** All branches with their heads, as text to compare. */
  async heads(): Promise<string> {
    return this.git.text(['for-each-ref', '--format=%(objectname) %(refname)', REMOTE]);
  }

  /** @returns `undefined` for a branch that is not there. */
  head(branch: string): Promise<string | undefined> {
    return this.#commitAt(`${REMOTE}${branch}`);
  }

  /** The head that was accepted last, by this process or one before it. */
  accepted(): Promise<string | undefined> {
    return this.#commitAt(ACCEPTED);
  }

  async accept(commit: string): Promise<void> {
    await this.git.run(['update-ref', ACCEPTED, commit]);
  }

  /** Whether the second commit has the first in its history. */
  async isAncestor(commit: string, descendant: string): Promise<boolean> {
    return (await this.git.try(['merge-base', '--is-ancestor', commit, descendant])).status === 0;
  }

  /** Paths of files that differ between two commits, or of all files when there is no first one. */
  async changedPaths(before: string | undefined, after: string): Promise<string[]> {
    const listing =
      before === undefined
        ? await this.git.run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', after])
        : await this.git.run(['diff-tree', '-r', '-z', '--name-only', '--no-renames', before, after]);
    return listing
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== '');
  }

  /** Pushes, and answers git's status and words instead of throwing. */
  async push(...refspecs: readonly string[]): Promise<{ status: number; report: string }> {
    await this.#open();
    const { status, stdout, stderr } = await this.git.try(['push', '--porcelain', 'source', ...refspecs]);
    return { status, report: `${stdout.toString('utf8')}${stderr}` };
  }

  /** Fetches one reference of the server's under the same name. Answers whether it is there. */
  fetchRef(ref: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#open();
      const found = await this.git.text(['ls-remote', 'source', ref]);
      if (found === '') return false;
      await this.git.run(['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', 'source', `+${ref}:${ref}`]);
      return true;
    });
  }

  /** Fetches that ran at the same time would take each other's locks. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#fetching.then(task);
    this.#fetching = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  async #fetchNow(): Promise<void> {
    await this.#open();
    const filter = `--filter=blob:limit=${MAX_MANIFEST_BYTES + 1}`;
    const plain = ['--quiet', '--prune', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
    await this.git.run(['fetch', ...plain, filter, 'source', `+refs/heads/*:${REMOTE}*`], {
      config: ['fetch.unpackLimit=1'],
    });
    if ((await this.#packCount()) > MAX_PACKS) await this.git.run(['repack', '-a', '-d', '--quiet']);
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    await mkdir(this.#directory, { recursive: true });
    // The mirror is this process's own: a lock in it is what a killed process left.
    await removeStaleLocks(this.#directory, 0);
    await this.git.run(['init', '--bare', '--quiet', this.#directory]);
    await this.git.run(['config', 'remote.source.url', this.#url]);
    await this.git.run(['config', 'remote.source.promisor', 'true']);
    this.#isOpen = true;
  }

  async #commitAt(ref: string): Promise<string | undefined> {
    const { status, stdout } = await this.git.try(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
    return status === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  async #packCount(): Promise<number> {
    const files = await readdir(join(this.#directory, 'objects/pack')).catch(() => []);
    return files.filter((file) => file.endsWith('.pack')).length;
  }
}
