import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ManifestFile,
  ManifestParser,
  ManifestSource,
  RollbackCommit,
  SourceRevision,
  StrayCommit,
  WriteBackResult,
} from '#application/rollout';
import { DomainError } from '#domain/errors';
import { GitProgram } from './git-program.ts';
import { withVersion } from './manifest-edit.ts';
import { removeStaleLocks } from './stale-locks.ts';

const MAX_MANIFEST_BYTES = 1024 * 1024;
const MAX_PUSH_ATTEMPTS = 5;
const SYMLINK = '120000';
const SUBMODULE = '160000';
const REMOTE = 'refs/remotes/source/';

/** Which repository, branch and folder hold the manifests, and who signs for rollbacks. */
export interface GitSourceOptions {
  /** A path, or an https or ssh URL. */
  readonly url: string;
  readonly branch: string;
  /** Folder in the repository; empty for all of it. */
  readonly path: string;
  /** Folder for the private mirror. */
  readonly mirrorDir: string;
  readonly author: { readonly name: string; readonly email: string };
}

interface TreeEntry {
  readonly mode: string;
  readonly hash: string;
  readonly sizeBytes: number;
  readonly path: string;
}

interface KnownFile {
  readonly hash: string;
  readonly file: ManifestFile;
}

/**
 * Manifests from a Git repository. Objects are read from a private bare mirror, never from a checkout: a symbolic link or a
 * submodule in the tree is an entry with a mode, and leads nowhere.
 */
export class GitManifestSource implements ManifestSource {
  readonly #options: GitSourceOptions;
  readonly #parser: ManifestParser;
  readonly #git: GitProgram;
  #hasMirror = false;
  #heads = '';
  #revision: SourceRevision | undefined;
  /** Blob hash and file of the last revision, by path: files that did not change are not read again. */
  #known = new Map<string, KnownFile>();

  constructor(options: GitSourceOptions, parser: ManifestParser) {
    assertSafe(options);
    this.#options = options;
    this.#parser = parser;
    this.#git = new GitProgram(options.mirrorDir);
  }

  async poll(): Promise<SourceRevision> {
    await this.#createMirror();
    const heads = await this.#git.text(['ls-remote', '--heads', this.#options.url]);
    if (heads === this.#heads && this.#revision !== undefined) return this.#revision;
    await this.#fetch();
    const commit = await this.#head(this.#options.branch);
    const files = commit === undefined ? [] : await this.#readFiles(commit);
    const strays = commit === undefined ? [] : await this.#strays(commit);
    this.#revision = { commit, branch: this.#options.branch, files, strays };
    this.#heads = heads;
    return this.#revision;
  }

  async commitRollback(rollback: RollbackCommit): Promise<WriteBackResult> {
    await this.#createMirror();
    for (let attempt = 0; attempt < MAX_PUSH_ATTEMPTS; attempt += 1) {
      await this.#fetch();
      const head = await this.#head(this.#options.branch);
      if (head === undefined) return { kind: 'abandoned', reason: `branch ${this.#options.branch} is gone` };
      const text = await this.#textAt(head, rollback.file);
      const edited = text === undefined ? undefined : this.#setBack(text, rollback);
      if (edited === undefined) return { kind: 'abandoned', reason: `${rollback.file} asks for something else by now` };
      const commit = await this.#commit(head, rollback, edited);
      const target = `${commit}:refs/heads/${this.#options.branch}`;
      const push = await this.#git.try(['push', '--porcelain', this.#options.url, target]);
      if (push.status === 0) return { kind: 'committed', commit };
      // Somebody else pushed in between: look again at what the file says now.
      const isRace = /fetch first|non-fast-forward|cannot lock ref/.test(`${push.stdout}${push.stderr}`);
      if (!isRace) {
        throw new DomainError('SOURCE_UNAVAILABLE', `the rollback cannot be pushed: ${push.stderr.trim().slice(-300)}`);
      }
    }
    throw new DomainError('SOURCE_UNAVAILABLE', 'the rollback cannot be pushed: others push all the time');
  }

  async #createMirror(): Promise<void> {
    if (this.#hasMirror) return;
    await mkdir(this.#options.mirrorDir, { recursive: true });
    // The mirror is this process's own: a lock in it is what a killed process left.
    await removeStaleLocks(this.#options.mirrorDir, 0);
    await this.#git.run(['init', '--bare', '--quiet', this.#options.mirrorDir]);
    this.#hasMirror = true;
  }

  async #fetch(): Promise<void> {
    const refs = `+refs/heads/*:${REMOTE}*`;
    await this.#git.run([
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      '--no-recurse-submodules',
      this.#options.url,
      refs,
    ]);
  }

  async #head(branch: string): Promise<string | undefined> {
    const { status, stdout } = await this.#git.try(['rev-parse', '--verify', '--quiet', `${REMOTE}${branch}^{commit}`]);
    return status === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  async #readFiles(commit: string): Promise<ManifestFile[]> {
    const entries = (await this.#tree(commit)).filter((entry) => /\.ya?ml$/.test(entry.path));
    const changed = entries.filter((entry) => this.#known.get(entry.path)?.hash !== entry.hash);
    const texts = await this.#readBlobs(changed.filter((entry) => refusalOf(entry) === undefined));
    const known = new Map<string, KnownFile>();
    for (const entry of entries) {
      const before = this.#known.get(entry.path);
      const file = before?.hash === entry.hash ? before.file : await this.#newFile(commit, entry, texts);
      known.set(entry.path, { hash: entry.hash, file });
    }
    this.#known = known;
    return [...known.values()].map(({ file }) => file);
  }

  async #newFile(commit: string, entry: TreeEntry, texts: ReadonlyMap<string, string>): Promise<ManifestFile> {
    const path = entry.path;
    const lastCommit =
      (await this.#git.text(['log', '-1', '--format=%H', commit, '--', `:(literal)${path}`])) || commit;
    const refusal = refusalOf(entry);
    const content =
      refusal === undefined
        ? ({ kind: 'text', text: texts.get(entry.hash) ?? '' } as const)
        : ({ kind: 'refused', reason: refusal } as const);
    return { path, commit: lastCommit, content };
  }

  async #tree(commit: string): Promise<TreeEntry[]> {
    const path = this.#options.path === '' ? [] : ['--', `${this.#options.path.replace(/\/+$/, '')}/`];
    const listing = await this.#git.run(['ls-tree', '-r', '-z', '-l', '--full-tree', commit, ...path]);
    return listing
      .toString('utf8')
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [meta = '', name = ''] = line.split('\t');
        const [mode = '', , hash = '', size = ''] = meta.split(/ +/);
        return { mode, hash, sizeBytes: Number.parseInt(size, 10) || 0, path: name };
      });
  }

  async #readBlobs(entries: readonly TreeEntry[]): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    if (entries.length === 0) return texts;
    const input = `${[...new Set(entries.map((entry) => entry.hash))].join('\n')}\n`;
    const output = await this.#git.run(['cat-file', '--batch'], { input });
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

  async #textAt(commit: string, path: string): Promise<string | undefined> {
    const { status, stdout } = await this.#git.try(['cat-file', 'blob', `${commit}:${path}`]);
    return status === 0 ? stdout.toString('utf8') : undefined;
  }

  /** Branches beside the tracked one whose own commits change manifests. */
  async #strays(tracked: string): Promise<StrayCommit[]> {
    const listing = await this.#git.text(['for-each-ref', '--format=%(objectname) %(refname)', REMOTE]);
    const strays: StrayCommit[] = [];
    for (const line of listing.split('\n').filter((text) => text !== '')) {
      const [commit = '', ref = ''] = line.split(' ');
      const branch = ref.slice(REMOTE.length);
      if (branch === this.#options.branch) continue;
      const range = `${tracked}...${commit}`;
      const { status, stdout } = await this.#git.try(['diff', '--name-only', '-z', range, '--']);
      const paths =
        status === 0
          ? stdout
              .toString('utf8')
              .split('\0')
              .filter((path) => /\.ya?ml$/.test(path))
          : [];
      if (paths.length > 0) strays.push({ branch, commit, paths });
    }
    return strays;
  }

  /** The file's text with the version set back; `undefined` when the rejected specification is not in it any more. */
  #setBack(text: string, rollback: RollbackCommit): string | undefined {
    const index = this.#parser
      .parse(text)
      .findIndex(
        (manifest) =>
          manifest.kind === 'deployment' &&
          manifest.spec.namespace === rollback.namespace &&
          manifest.spec.name === rollback.name &&
          manifest.specHash === rollback.rejectedSpecHash,
      );
    return index === -1 ? undefined : withVersion(text, index, rollback.toVersion);
  }

  async #commit(parent: string, rollback: RollbackCommit, text: string): Promise<string> {
    const blob = await this.#git.text(['hash-object', '-w', '--stdin'], { input: text });
    const index = join(this.#options.mirrorDir, `rollback-index-${process.pid}`);
    const environment = { GIT_INDEX_FILE: index };
    try {
      await this.#git.run(['read-tree', parent], { environment });
      await this.#git.run(['update-index', '--cacheinfo', `100644,${blob},${rollback.file}`], { environment });
      const tree = await this.#git.text(['write-tree'], { environment });
      const { name, email } = this.#options.author;
      return await this.#git.text(['commit-tree', tree, '-p', parent, '-F', '-'], {
        input: messageOf(rollback),
        environment: {
          GIT_AUTHOR_NAME: name,
          GIT_AUTHOR_EMAIL: email,
          GIT_COMMITTER_NAME: name,
          GIT_COMMITTER_EMAIL: email,
        },
      });
    } finally {
      await rm(index, { force: true });
    }
  }
}

function messageOf({ namespace, name, fromVersion, toVersion, reason, trailers }: RollbackCommit): string {
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${value}`);
  return `revert(${namespace}/${name}): version ${fromVersion} -> ${toVersion}\n\n${reason}\n\n${lines.join('\n')}\n`;
}

function refusalOf({ mode, sizeBytes }: TreeEntry): string | undefined {
  if (mode === SYMLINK) return 'a symbolic link is not followed: commit the manifest itself';
  if (mode === SUBMODULE) return 'a submodule is not read: commit the manifest itself';
  if (sizeBytes > MAX_MANIFEST_BYTES)
    return `${sizeBytes} bytes are too many for a manifest: ${MAX_MANIFEST_BYTES} are allowed`;
  return undefined;
}

/** @throws INPUT_INVALID for words that git could take for something else than what they are. */
function assertSafe({ url, branch, path }: GitSourceOptions): void {
  const isBranch = /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(branch) && !branch.endsWith('.lock');
  if (!isBranch) throw new DomainError('INPUT_INVALID', `${JSON.stringify(branch)} is not a branch's name`);
  const isUrl = /^(https:\/\/|ssh:\/\/|file:\/\/|\/|\.{0,2}[A-Za-z0-9_][^:]*$|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:)/.test(
    url,
  );
  if (!isUrl || url.startsWith('-') || /[\r\n\0]/.test(url)) {
    throw new DomainError(
      'INPUT_INVALID',
      `${JSON.stringify(url)} is not a path, nor an https or ssh URL of a repository`,
    );
  }
  if (path.startsWith('/') || path.startsWith('-') || path.split('/').includes('..')) {
    throw new DomainError('INPUT_INVALID', `${JSON.stringify(path)} is not a folder inside the repository`);
  }
}
