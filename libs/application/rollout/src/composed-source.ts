import { DomainError } from '#domain/errors';
import type {
  ManifestSource,
  RollbackCommit,
  SourceNotice,
  SourceOrigin,
  SourceRevision,
  WriteBackResult,
} from './manifest-source.ts';
import type { Scheduler } from './scheduler.ts';

/** One of several repositories. */
export interface NamedSource {
  /** Stands before the paths of its files, with a colon. */
  readonly name: string;
  readonly branch: string;
  readonly source: ManifestSource;
}

/** A repository that has not answered by then does not hold the others up; its answer is taken at the next look. */
const PATIENCE_MS = 5000;

/**
 * Several repositories as one, in the order in which they are listed: of manifests that name the same deployment, the first counts. Of a
 * repository that cannot be read, what it said last stays, or, after a restart, what its deployments are.
 */
export class ComposedSource implements ManifestSource {
  readonly #members: readonly Member[];
  readonly #scheduler: Scheduler;

  constructor(sources: readonly NamedSource[], scheduler: Scheduler) {
    this.#members = sources.map((source) => new Member(source));
    this.#scheduler = scheduler;
  }

  async poll(): Promise<SourceRevision> {
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const callOff = this.#scheduler.after(PATIENCE_MS, resolve);
    await Promise.all(this.#members.map((member) => member.look(patience)));
    callOff();
    const problems = this.#members.map(({ problem }) => problem).filter((problem) => problem !== undefined);
    if (problems.length === this.#members.length) {
      throw new DomainError('SOURCE_UNAVAILABLE', `no repository can be read: ${problems.join('; ')}`);
    }
    const origins = this.#members.map((member) => member.origin());
    return {
      commit: origins.find(({ commit }) => commit !== undefined)?.commit,
      branch: this.#members[0]?.branch ?? '',
      files: this.#members.flatMap((member) => member.files()),
      strays: this.#members.flatMap((member) => member.strays()),
      notices: this.#members.flatMap((member) => member.notices()),
      origins,
    };
  }

  async commitRollback(rollback: RollbackCommit): Promise<WriteBackResult> {
    const member = this.#members.find(({ prefix }) => rollback.file.startsWith(prefix));
    if (member !== undefined) return member.commitRollback(rollback);
    return { kind: 'abandoned', reason: `${rollback.file} is in no repository that is listed` };
  }
}

class Member {
  readonly prefix: string;
  readonly branch: string;
  readonly #name: string;
  readonly #source: ManifestSource;
  #running: Promise<void> | undefined;
  #revision: SourceRevision | undefined;
  #problem: string | undefined;

  constructor({ name, branch, source }: NamedSource) {
    this.prefix = `${name}:`;
    this.branch = branch;
    this.#name = name;
    this.#source = source;
  }

  /** Why its last look failed. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async look(patience: Promise<void>): Promise<void> {
    this.#running ??= this.#lookNow().finally(() => {
      this.#running = undefined;
    });
    await Promise.race([this.#running, patience]);
    if (this.#running !== undefined) this.#problem = `${this.#name}: no answer within ${PATIENCE_MS / 1000} s`;
  }

  async #lookNow(): Promise<void> {
    try {
      this.#revision = await this.#source.poll();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `${this.#name}: ${(error as Error).message}`;
    }
  }

  origin(): SourceOrigin {
    return {
      prefix: this.prefix,
      commit: this.#revision?.commit,
      isRead: this.#revision?.commit !== undefined,
      confirmsRemoval: this.#revision?.confirmsRemoval ?? false,
    };
  }

  files(): SourceRevision['files'] {
    return (this.#revision?.files ?? []).map((file) => ({ ...file, path: this.prefix + file.path }));
  }

  strays(): SourceRevision['strays'] {
    return (this.#revision?.strays ?? []).map((stray) => ({
      ...stray,
      paths: this.#prefixed(stray.paths),
      deployedBranch: this.branch,
    }));
  }

  notices(): SourceNotice[] {
    const notices = (this.#revision?.notices ?? []).map((notice) => ({
      ...notice,
      message: `${this.#name}: ${notice.message}`,
      paths: this.#prefixed(notice.paths),
    }));
    if (this.#problem === undefined) return notices;
    const message = `${this.#problem}; its deployments stay as they are`;
    return [...notices, { code: 'SOURCE_UNREACHABLE', severity: 'warning', message, paths: [] }];
  }

  commitRollback(rollback: RollbackCommit): Promise<WriteBackResult> {
    return this.#source.commitRollback({ ...rollback, file: rollback.file.slice(this.prefix.length) });
  }

  #prefixed(paths: readonly string[]): string[] {
    return paths.map((path) => this.prefix + path);
  }
}
