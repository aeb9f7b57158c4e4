import { DomainError } from '#domain/errors';
import type { CommitStatus, CommitStatusPublisher } from './commit-status.ts';

/** One of several repositories, and where the statuses of its commits go. */
export interface RepositoryStatuses {
  /** Whether a commit is in the repository, as it was seen last. */
  readonly hasCommit: (commit: string) => Promise<boolean>;
  /** Absent: they are told nowhere. */
  readonly publisher: CommitStatusPublisher | undefined;
}

/** Publishes the status of a commit for the repositories that have it. */
export class ComposedStatusPublisher implements CommitStatusPublisher {
  readonly maxConcurrent: number;
  readonly #repositories: readonly RepositoryStatuses[];

  /** @param repositories all of them, of which one at least tells statuses. */
  constructor(repositories: readonly RepositoryStatuses[]) {
    this.#repositories = repositories;
    this.maxConcurrent = Math.min(...repositories.flatMap(({ publisher }) => publisher?.maxConcurrent ?? []));
  }

  /** @throws SOURCE_UNAVAILABLE for a commit that no repository has yet, or what a repository threw; the others were told all the same. */
  async publish(status: CommitStatus): Promise<void> {
    const results = await Promise.allSettled(
      this.#repositories.map(async ({ hasCommit, publisher }) => {
        const isIts = await hasCommit(status.commit);
        if (isIts) await publisher?.publish(status);
        return isIts;
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    if (results.some((result) => result.status === 'fulfilled' && result.value)) return;
    throw new DomainError('SOURCE_UNAVAILABLE', `no repository that was read has commit ${status.commit}`);
  }
}
