import type { CommitStatus, CommitStatusPublisher } from './commit-status.ts';

/** One of several repositories, and where the statuses of its commits go. */
export interface RepositoryStatuses {
  /** Whether a commit is in the repository, as it was seen last. */
  readonly hasCommit: (commit: string) => Promise<boolean>;
  readonly publisher: CommitStatusPublisher;
}

/** Publishes the status of a commit for the repositories that have it; nothing where none of them tells statuses. */
export class ComposedStatusPublisher implements CommitStatusPublisher {
  readonly maxConcurrent: number;
  readonly #members: readonly RepositoryStatuses[];

  constructor(members: readonly RepositoryStatuses[]) {
    this.#members = members;
    this.maxConcurrent = Math.min(...members.map(({ publisher }) => publisher.maxConcurrent));
  }

  /** @throws what the first repository that failed threw; the others were told all the same. */
  async publish(status: CommitStatus): Promise<void> {
    const results = await Promise.allSettled(
      this.#members.map(async ({ hasCommit, publisher }) => {
        if (await hasCommit(status.commit)) await publisher.publish(status);
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}
