import type { PublishPolicies } from '#application/access';
import type { ManifestSource, SourceRevision } from '#application/rollout';

/** What the policies of a repository are followed with. */
export interface PolicySourceParts {
  readonly publish: PublishPolicies;
  /** Of the term in which this controller leads; `undefined` while another does. */
  readonly epoch: () => number | undefined;
  readonly onFailure: (error: unknown) => void;
}

/**
 * A source whose policies are published behind every look at it: rollouts wait for no bucket. What fails is tried again with the next look.
 */
export function withPolicies(source: ManifestSource, { publish, epoch, onFailure }: PolicySourceParts): ManifestSource {
  let published: Promise<void> = Promise.resolve();
  const takeLater = (revision: SourceRevision) => {
    published = published.then(async () => {
      const current = epoch();
      if (current !== undefined) await publish.take(stateOf(revision), current).catch(onFailure);
    });
  };
  return {
    poll: async () => {
      const revision = await source.poll();
      takeLater(revision);
      return revision;
    },
    commitRollback: (rollback) => source.commitRollback(rollback),
  };
}

function stateOf({ commit, files, origins = [], confirmsRemoval = false }: SourceRevision) {
  return { commit, files, isWhole: origins.every(({ isRead }) => isRead), confirmsRemoval };
}
