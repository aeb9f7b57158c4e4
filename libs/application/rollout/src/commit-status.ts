/** How far a commit came with one deployment. */
export interface CommitStatus {
  /** Full hash. */
  readonly commit: string;
  /** `slipway/<namespace>/<name>`: the newest status of a commit and a context is the one that counts. */
  readonly context: string;
  /** `failure`: the version was tried and is out. `error`: it could not be tried, or not to the end. */
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** One sentence, 140 characters at most. */
  readonly description: string;
  /** Where a person reads more. */
  readonly targetUrl?: string;
}

/** Tells a forge, or whoever reads the repository, what became of commits. */
export interface CommitStatusPublisher {
  /** How many calls may be under way at the same time. */
  readonly maxConcurrent: number;
  /** Repeating a call does no harm. @throws when it was not published; it is tried again. */
  publish(status: CommitStatus): Promise<void>;
}
