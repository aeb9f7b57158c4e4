import { namedVersion, versionIdentity } from '#domain/rollout';
import type { RollbackCommit } from './manifest-source.ts';
import type { JournalEntry } from './rollout-journal.ts';

/**
 * The commit that writes the last rollback to Git; `undefined` when Git asks for something else by now, so that there is nothing
 * to set back.
 */
export function rollbackCommitOf({ namespace, name, desired, state }: JournalEntry): RollbackCommit | undefined {
  const { lastRollout, stable } = state;
  if (lastRollout === undefined || stable === undefined || desired?.specHash !== lastRollout.specHash) return undefined;
  const [from, to] = [desired.spec, stable.desired.spec];
  const isOtherModel = to.model !== from.model;
  const hasEnsemble = from.ensemble !== undefined || to.ensemble !== undefined;
  if ((isOtherModel && hasEnsemble) || versionIdentity(stable.desired) === versionIdentity(desired)) return undefined;
  const { evidence } = lastRollout;
  return {
    namespace,
    name,
    file: desired.file,
    mode: desired.spec.rollout.writeBack === 'branch' ? 'branch' : 'commit',
    rejectedCommit: lastRollout.commit,
    from: isOtherModel ? { ...lastRollout, model: from.model } : lastRollout,
    to: isOtherModel ? { ...namedVersion(stable), model: to.model } : namedVersion(stable),
    rejectedSpecHash: desired.manifestHash ?? desired.specHash,
    reason: lastRollout.reason,
    trailers: {
      'Slipway-Revert-Of': lastRollout.commit,
      'Slipway-Rollout-Id': lastRollout.rolloutId,
      ...(evidence === undefined
        ? {}
        : {
            'Slipway-Evidence': [
              `gate=${evidence.gate}`,
              `requests=${evidence.candidate.requests}`,
              `errors=${evidence.candidate.events}`,
              `stable-requests=${evidence.stable.requests}`,
              `stable-errors=${evidence.stable.events}`,
              `max=${evidence.max}`,
              `alpha=${evidence.alpha.toPrecision(3)}`,
              `log10-e=${evidence.log10Absolute.toFixed(2)}`,
            ].join(' '),
            ...(evidence.candidate.lastError === undefined
              ? {}
              : { 'Slipway-Last-Error': evidence.candidate.lastError.replaceAll(/\s+/g, ' ').slice(0, 300) }),
          }),
    },
  };
}
