import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GitProgram } from './git-program.ts';
import { MAX_MANIFEST_BYTES } from './manifest-blobs.ts';
import { packIntoOne, packsIn } from './single-pack.ts';
import { removeStaleLocks } from './stale-locks.ts';

const REMOTE = 'refs/remotes/source/';
/** The head that was read and found good last: it outlives a restart. */
const ACCEPTED = 'refs/slipway/accepted';
/** Every fetch adds a pack, and git looks through all of them for each object. */
const MAX_PACKS = 50;
const FIRST_FETCH_TIMEOUT_MS = 600_000;

/** The references of a mirror. */
export interface MirrorState {
  /** Commit by branch. */
  readonly heads: ReadonlyMap<string, string>;
  /** The head that was accepted last, by this process or one before it. */
  readonly accepted: string | undefined;
}

/**
 * The private bare copy of a repository: all branches, without any file that is too large for a manifest where the server can leave
 * such files out (partial clone). What was left out is never asked for later: what is missing is too large.
 *
 * @see https://git-scm.com/docs/partial-clone
 */
export class Mirror {
  readonly git: GitProgram;
  readonly #directory: string;
  readonly #url: string;
  #isOpen = false;
  #hasFetched = false;
  #fetching: Promise<void> = Promise.resolve();
  #users = 0;
  #tidying: Promise<void> | undefined;

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
  async fetch(): Promise<void> {
    await this.#inTurn(() => this.#fetchNow());
  }

  /**
   * Runs a task that looks for objects. Packs are tidied between tasks only: to a git process that looks meanwhile, an object that moves from
   * one pack to another can seem to be missing, and so too large.
   */
  async use<T>(task: () => Promise<T>): Promise<T> {
    while (this.#tidying !== undefined) await this.#tidying;
    this.#users += 1;
    try {
      return await task();
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#tidyBetween();
    }
  }

  /** What the last fetch found, and what was accepted before. */
  async state(): Promise<MirrorState> {
    const listing = await this.git.text(['for-each-ref', '--format=%(objectname) %(refname)', REMOTE, ACCEPTED]);
    const lines = listing.split('\n').filter((line) => line !== '');
    const commits = new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
    return {
      accepted: commits.get(ACCEPTED),
      heads: new Map(
        [...commits].flatMap(([ref, commit]) => (ref.startsWith(REMOTE) ? [[ref.slice(REMOTE.length), commit]] : [])),
      ),
    };
  }

  /** @returns `undefined` for a branch that is not there. */
  async head(branch: string): Promise<string | undefined> {
    const ref = `${REMOTE}${branch}^{commit}`;
    const { status, stdout } = await this.git.try(['rev-parse', '--verify', '--quiet', ref]);
    return status === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  async accept(commit: string): Promise<void> {
    await this.git.run(['update-ref', ACCEPTED, commit]);
  }

  async hasCommit(commit: string): Promise<boolean> {
    return (await this.git.try(['cat-file', '-e', `${commit}^{commit}`])).status === 0;
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
    const { status, stdout, stderr } = await this.git.try(['push', '--porcelain', 'source', ...refspecs], {
      environment: this.#knowing('pushurl'),
    });
    return { status, report: `${stdout.toString('utf8')}${stderr}` };
  }

  /** Fetches one reference of the server's under the same name. Answers whether it is there. */
  fetchRef(ref: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#open();
      const environment = this.#knowing('url');
      const found = await this.git.text(['ls-remote', 'source', ref], { environment });
      if (found === '') return false;
      const plain = ['--quiet', '--no-tags', '--no-recurse-submodules'];
      await this.git.run(['fetch', ...plain, 'source', `+${ref}:${ref}`], { environment });
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
      environment: this.#knowing('url'),
      // The first time all of the history comes.
      ...(this.#hasFetched ? {} : { timeoutMs: FIRST_FETCH_TIMEOUT_MS }),
    });
    this.#hasFetched = true;
  }

  /**
   * Tells git for one call where the remote is. No other call knows, so that git cannot fetch objects that are missing by itself: of a
   * commit that somebody else just pushed, a push would bring all of history, without any file, and the next fetch nothing more.
   */
  #knowing(setting: 'url' | 'pushurl'): Record<string, string> {
    return {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `remote.source.${setting}`,
      GIT_CONFIG_VALUE_0: this.#url,
    };
  }

  /** Packs that cannot be tidied now are the next time. */
  #tidyBetween(): void {
    this.#tidying = this.#tidy()
      .catch(() => {})
      .finally(() => {
        this.#tidying = undefined;
      });
  }

  async #tidy(): Promise<void> {
    const folder = join(this.#directory, 'objects/pack');
    if ((await packsIn(folder)).length > MAX_PACKS) await packIntoOne(this.git, folder);
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    await mkdir(this.#directory, { recursive: true });
    // The mirror is this process's own: a lock in it is what a killed process left.
    await removeStaleLocks(this.#directory, 0);
    await this.git.run(['init', '--bare', '--quiet', this.#directory]);
    await this.git.run(['config', 'remote.source.promisor', 'true']);
    this.#isOpen = true;
  }
}
