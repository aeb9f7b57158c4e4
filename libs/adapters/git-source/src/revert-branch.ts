import type { RollbackCommit } from '#application/rollout';

/** Branches on which Slipway proposes rollbacks begin with this. */
export const REVERT_BRANCHES = 'slipway/revert-';

/** One branch per deployment and commit that was rejected, so that trying again finds what was proposed before. */
export function revertBranchOf({ namespace, name, rejectedCommit }: RollbackCommit): string {
  const deployment = namespace === 'default' ? name : `${namespace}-${name}`;
  return `${REVERT_BRANCHES}${deployment}-${rejectedCommit.slice(0, 7)}`;
}
