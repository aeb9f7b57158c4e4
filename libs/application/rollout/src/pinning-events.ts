import type { NewEvent } from './rollout-journal.ts';
import type { Selection } from './version-catalogue.ts';

/** What a person is told of the versions that a policy chose: only what is not as the policy says. */
export function pinningEvents({
  servables,
  totalCount,
  missing,
}: Extract<Selection, { kind: 'found' }>): readonly NewEvent[] {
  const events: NewEvent[] = missing.map(({ version, reason }) => ({
    severity: 'error',
    code: 'MODEL_VERSION_NOT_FOUND',
    message: `not served by name: ${reason}`,
    version,
  }));
  if (totalCount > servables.length) {
    const advice = 'name those that are needed in spec.versionPolicy.specific';
    const message = `of ${totalCount} versions the newest ${servables.length} are served by name: ${advice}`;
    events.push({ severity: 'warning', code: 'VersionsCut', message });
  }
  return events;
}
