import type { NamedVersion } from '#domain/rollout';

/** A file of manifests as it stands at the head of the tracked branch. */
export interface ManifestFile {
  /** Relative to the repository. */
  readonly path: string;
  /** The newest commit that touched it. */
  readonly commit: string;
  /** Its text, or why it is not read. */
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'refused'; readonly reason: string };
}

/** A commit on a branch that is not deployed, which changes manifests. */
export interface StrayCommit {
  readonly branch: string;
  readonly commit: string;
  readonly paths: readonly string[];
  /** The branch that is deployed, where it is not the revision's. */
  readonly deployedBranch?: string;
}

/** Something about the repository that people should know. */
export interface SourceNotice {
  /** A word for machines: the code of the event. */
  readonly code: 'COMMIT_NOT_VERIFIED' | 'HISTORY_REWRITTEN' | 'SOURCE_UNREACHABLE';
  readonly severity: 'warning' | 'error';
  readonly message: string;
  readonly commit?: string;
  /** Files that it is about: it is told on the deployments that come from them. */
  readonly paths: readonly string[];
}

/** One of several repositories that make a revision together. */
export interface SourceOrigin {
  /** What the paths of its files begin with. */
  readonly prefix: string;
  /** `undefined` while its branch has no commit. */
  readonly commit: string | undefined;
  /** Whether its files are among those of the revision; if not, what it brought before stays as it is. */
  readonly isRead: boolean;
  readonly confirmsRemoval: boolean;
}

/** What the repository says now. */
export interface SourceRevision {
  /** The commit in force, the head of the tracked branch as a rule; `undefined` while there is none. */
  readonly commit: string | undefined;
  readonly branch: string;
  readonly files: readonly ManifestFile[];
  readonly strays: readonly StrayCommit[];
  readonly notices?: readonly SourceNotice[];
  /** Whether the commit says that as many deployments may go as are missing. */
  readonly confirmsRemoval?: boolean;
  /** Where the files come from, when there are several repositories. */
  readonly origins?: readonly SourceOrigin[];
}

/** What a manifest asks to serve. */
export interface AskedVersion extends NamedVersion {
  /** Named only where a rollback changes the model, too. */
  readonly model?: string;
}

/** A rollback to write into the repository. */
export interface RollbackCommit {
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  /** To the deployed branch, or as a proposal on a branch of its own. */
  readonly mode: 'commit' | 'branch';
  /** The commit whose rollout was rolled back. */
  readonly rejectedCommit: string;
  /** What the manifest asks for, and what it shall ask for. */
  readonly from: AskedVersion;
  readonly to: AskedVersion;
  /** Hash of the specification that was rejected; the commit is made only while the file still holds it. */
  readonly rejectedSpecHash: string;
  /** The reason in words. */
  readonly reason: string;
  /** Git trailers, name to value. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** How a write-back ended. */
export type WriteBackResult =
  | {
      readonly kind: 'committed';
      readonly commit: string;
      /** The branch that it is on, when it is not the deployed one: people have to merge it. */
      readonly branch?: string;
    }
  /** The repository moved on: somebody named another version already. */
  | { readonly kind: 'abandoned'; readonly reason: string };

/** The Git repository that says what is desired. */
export interface ManifestSource {
  /** @throws SOURCE_UNAVAILABLE when the repository cannot be read; what was read before then stays in force. */
  poll(): Promise<SourceRevision>;

  /**
   * Sets back what one manifest asks to serve, in a commit of its own. Repeating it does no harm: the second call finds the
   * commit or the branch that the first one made. A deployed branch that takes no push gets a proposal on a branch.
   *
   * @throws SOURCE_UNAVAILABLE when it may succeed later.
   */
  commitRollback(rollback: RollbackCommit): Promise<WriteBackResult>;
}
