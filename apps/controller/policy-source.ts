import type { PublishPolicies } from '#application/access';
import type { ManifestSource, SourceRevision } from '#application/rollout';

/** What the policies of a repository are followed with. */
export interface PolicySourceParts {
  readonly publish: PublishPolicies;
  /** Of the term in which this controller leads; `undefined` while another does. */
  readonly epoch: () => number | undefined;
  readonly onFailure: (error: unknown) => void;
}

/** A source whose policies are published with every look at it; what fails is tried again with the next. */
export function withPolicies(source: ManifestSource, { publish, epoch, onFailure }: PolicySourceParts): ManifestSource {
  return {
    poll: async () => {
      const revision = await source.poll();
      const current = epoch();
      if (current !== undefined) await publish.take(stateOf(revision), current).catch(onFailure);
      return revision;
    },
    commitRollback: (rollback) => source.commitRollback(rollback),
  };
}

function stateOf({ commit, files, origins = [], confirmsRemoval = false }: SourceRevision) {
  return { commit, files, isWhole: origins.every(({ isRead }) => isRead), confirmsRemoval };
}
