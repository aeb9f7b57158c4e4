import { join } from 'node:path';
import type {
  CommitStatusPublisher,
  ManifestParser,
  ManifestSource,
  RollbackCommit,
  SourceNotice,
  SourceRevision,
  WriteBackResult,
} from '#application/rollout';
import { CommitVerifier, type Unverified, type VerificationOptions } from './commit-verifier.ts';
import { isManifestPath } from './manifest-blobs.ts';
import { ManifestFiles } from './manifest-files.ts';
import { Mirror, type MirrorState } from './mirror.ts';
import { NotesStatusPublisher } from './notes-status.ts';
import { RollbackWriter } from './rollback-writer.ts';
import { assertSafe } from './safe-location.ts';
import { strayCommits } from './stray-commits.ts';

/** Which repository, branch and folder hold the manifests, whose commits count, and who signs for rollbacks. */
export interface GitSourceOptions {
  /** A path, or an https or ssh URL. */
  readonly url: string;
  readonly branch: string;
  /** Folder in the repository; empty for all of it. */
  readonly path: string;
  /** Folder for the private mirror. */
  readonly mirrorDir: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Whose signatures a commit needs; nobody's when absent. */
  readonly verification?: Omit<VerificationOptions, 'gnupgHome'>;
  /** Path of the SSH private key that signs rollback commits. */
  readonly signingKey?: string | undefined;
}

/** What the head of the branch means for what is in force. */
interface Judgement {
  /** The commit that is in force; `undefined` when none ever was. */
  readonly commit: string | undefined;
  readonly notices: readonly SourceNotice[];
}

/**
 * Manifests from a Git repository. Objects are read from a private bare mirror, never from a checkout: a symbolic link or a
 * submodule in the tree is an entry with a mode, and leads nowhere.
 *
 * The head of the branch is what counts, however it came there; rewritten history is told of and taken. A head whose signature does
 * not count is not: the commit that was accepted last stays in force, across restarts.
 */
export class GitManifestSource implements ManifestSource {
  readonly #options: GitSourceOptions;
  readonly #mirror: Mirror;
  readonly #files: ManifestFiles;
  readonly #verifier: CommitVerifier;
  readonly #writer: RollbackWriter;
  #seen = '';
  #revision: SourceRevision | undefined;

  /** @throws INPUT_INVALID for a location or a way of verification that cannot be. */
  constructor(options: GitSourceOptions, parser: ManifestParser) {
    assertSafe(options);
    this.#options = options;
    this.#mirror = new Mirror(options.mirrorDir, options.url);
    this.#files = new ManifestFiles(this.#mirror, options.path);
    const gnupgHome = join(options.mirrorDir, 'gnupg');
    this.#verifier = new CommitVerifier({ ...(options.verification ?? { mode: 'none' }), gnupgHome }, this.#mirror.git);
    this.#writer = new RollbackWriter(this.#mirror, options, parser);
  }

  poll(): Promise<SourceRevision> {
    return this.#mirror.use(() => this.#look());
  }

  commitRollback(rollback: RollbackCommit): Promise<WriteBackResult> {
    return this.#mirror.use(() => this.#writer.write(rollback));
  }

  /** Publishes statuses of commits as notes in the repository. */
  notesPublisher(): CommitStatusPublisher {
    return new NotesStatusPublisher(this.#mirror, this.#options.author);
  }

  /** Whether a commit is in the repository, as it was fetched last. */
  hasCommit(commit: string): Promise<boolean> {
    return this.#mirror.use(() => this.#mirror.hasCommit(commit));
  }

  async #look(): Promise<SourceRevision> {
    await this.#mirror.fetch();
    const state = await this.#mirror.state();
    const seen = `${[...state.heads].join(' ')}\n${await this.#verifier.keys()}`;
    if (seen === this.#seen && this.#revision !== undefined) return this.#revision;
    const revision = await this.#read(state);
    this.#revision = revision;
    this.#seen = seen;
    return revision;
  }

  async #read({ heads, accepted }: MirrorState): Promise<SourceRevision> {
    const { branch, path } = this.#options;
    const head = heads.get(branch);
    if (head === undefined) return { commit: undefined, branch, files: [], strays: [] };
    const { commit, notices } = await this.#judge(head, accepted);
    const [files, strays, confirmsRemoval] = await Promise.all([
      commit === undefined ? [] : this.#files.at(commit),
      heads.size === 1 ? [] : strayCommits(this.#mirror.git, head, path),
      commit !== undefined && this.#confirmsRemoval(commit),
    ]);
    return { commit, branch, files, strays, notices, confirmsRemoval };
  }

  async #judge(head: string, accepted: string | undefined): Promise<Judgement> {
    const unverified = await this.#verifier.check(head, accepted);
    if (unverified !== undefined) {
      return { commit: accepted, notices: [await this.#refusalNotice(unverified, accepted, head)] };
    }
    const isRewritten = accepted !== undefined && !(await this.#mirror.isAncestor(accepted, head));
    const notices = isRewritten ? [await this.#rewriteNotice(accepted, head)] : [];
    if (head !== accepted) await this.#mirror.accept(head);
    return { commit: head, notices };
  }

  async #refusalNotice(
    { commit, reason }: Unverified,
    accepted: string | undefined,
    head: string,
  ): Promise<SourceNotice> {
    const stays = accepted === undefined ? 'nothing of it is taken' : `${accepted.slice(0, 10)} stays in force`;
    return {
      code: 'COMMIT_NOT_VERIFIED',
      severity: 'error',
      message: `commit ${commit.slice(0, 10)} ${reason}; ${stays}`,
      commit,
      paths: await this.#manifestsBetween(accepted, head),
    };
  }

  async #rewriteNotice(accepted: string, head: string): Promise<SourceNotice> {
    return {
      code: 'HISTORY_REWRITTEN',
      severity: 'warning',
      message: `the history of ${this.#options.branch} was rewritten: ${accepted.slice(0, 10)} is not in it any more, ${head.slice(0, 10)} is in force`,
      commit: head,
      paths: await this.#manifestsBetween(accepted, head),
    };
  }

  async #manifestsBetween(before: string | undefined, after: string): Promise<string[]> {
    return (await this.#mirror.changedPaths(before, after)).filter(isManifestPath);
  }

  async #confirmsRemoval(commit: string): Promise<boolean> {
    const format = '--format=%(trailers:key=Slipway-Confirm-Removal,valueonly)';
    return /^yes$/m.test(await this.#mirror.git.text(['log', '-1', format, commit]));
  }
}
