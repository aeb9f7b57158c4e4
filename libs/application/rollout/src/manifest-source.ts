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
}

/** What the repository says now. */
export interface SourceRevision {
  /** Head of the tracked branch; `undefined` while the branch has no commit. */
  readonly commit: string | undefined;
  readonly branch: string;
  readonly files: readonly ManifestFile[];
  readonly strays: readonly StrayCommit[];
}

/** A rollback to write into the repository. */
export interface RollbackCommit {
  readonly namespace: string;
  readonly name: string;
  readonly file: string;
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Hash of the specification that was rejected; the commit is made only while the file still holds it. */
  readonly rejectedSpecHash: string;
  /** The reason in words. */
  readonly reason: string;
  /** Git trailers, name to value. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** How a write-back ended. */
export type WriteBackResult =
  | { readonly kind: 'committed'; readonly commit: string }
  /** The repository moved on: somebody named another version already. */
  | { readonly kind: 'abandoned'; readonly reason: string };

/** The Git repository that says what is desired. */
export interface ManifestSource {
  /** @throws SOURCE_UNAVAILABLE when the repository cannot be read; what was read before then stays in force. */
  poll(): Promise<SourceRevision>;

  /**
   * Sets the version of one manifest back, in a commit of its own on the tracked branch. Repeating it does no harm: the second
   * call finds another specification and abandons.
   *
   * @throws SOURCE_UNAVAILABLE when it may succeed later.
   */
  commitRollback(rollback: RollbackCommit): Promise<WriteBackResult>;
}
