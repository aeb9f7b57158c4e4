import { type Action, namedVersion, type RolloutState, shownVersion, type VersionInUse } from '#domain/rollout';
import type { NewEvent } from './rollout-journal.ts';

/** What a person is told of an action. @param state before it. */
export function eventOf(action: Exclude<Action, { kind: 'none' | 'refuse' }>, state: RolloutState): NewEvent {
  const candidate = state.candidate;
  const version =
    candidate === undefined ? {} : { version: candidate.servable.version, commit: candidate.desired.commit };
  switch (action.kind) {
    case 'adoptSettings':
      return { severity: 'info', code: 'SettingsAdopted', message: action.reason, commit: action.desired.commit };
    case 'forgive':
      return { severity: 'info', code: 'Retried', message: action.reason, commit: action.desired.commit };
    case 'takeBaseline':
      return { severity: 'info', code: 'LimitFixed', message: action.reason, ...version };
    case 'startRollout': {
      const { commit } = action.desired;
      const { version } = action.servable;
      return { severity: 'info', code: 'RolloutStarted', message: action.reason, commit, version };
    }
    case 'enterStep': {
      const share = `${action.weightPercent} % of the traffic`;
      const copies = action.mirrorPercent > 0 ? ` and copies of ${action.mirrorPercent} % of stable's` : '';
      const message = `${action.reason}; the candidate has ${share}${copies}`;
      return { severity: 'info', code: 'StepEntered', message, ...version };
    }
    case 'promote': {
      const message = `version ${shown(candidate)} is stable: ${action.reason}`;
      return { severity: 'info', code: 'Promoted', message, ...version };
    }
    case 'end': {
      const severity = action.outcome === 'superseded' ? 'warning' : 'error';
      const code = { rolledBack: 'RolledBack', aborted: 'Aborted', superseded: 'Superseded', failed: 'Failed' }[
        action.outcome
      ];
      const message = `version ${shown(candidate)} is out: ${action.reason}`;
      return { severity, code, message, ...version };
    }
  }
}

function shown(version: VersionInUse | undefined): string {
  return version === undefined ? '' : shownVersion(namedVersion(version));
}
