import type { AuditPrincipal } from '#domain/audit';
import { DomainError } from '#domain/errors';
import { type RolloutCommand, rejectionOf } from '#domain/rollout';
import type { Deployment } from './deployment.ts';
import type { NewEvent } from './rollout-journal.ts';

const VERBS: Readonly<Record<RolloutCommand, string>> = {
  promote: 'promote',
  promoteFully: 'promote',
  skip: 'skip',
  abort: 'abort',
  retry: 'retry',
};

/** Lets pass a command for which there is something to do. @throws ROLLOUT_NOT_ACTIVE */
export function requirePossible({ entry, state }: Deployment, command: RolloutCommand): void {
  const { desired, name } = entry;
  const isPossible =
    command === 'retry'
      ? desired !== undefined && rejectionOf(state, desired) !== undefined
      : state.candidate !== undefined;
  if (isPossible) return;
  const problem = command === 'retry' ? 'asks for nothing that was rolled back' : 'has no rollout in progress';
  throw new DomainError('ROLLOUT_NOT_ACTIVE', `${name} ${problem}: there is nothing to ${VERBS[command]}`);
}

/** Who gives a command. What comes of it is told by itself: a gate may be quicker. */
export function commandEvent(
  { entry, state }: Deployment,
  command: RolloutCommand,
  principal: AuditPrincipal,
): NewEvent {
  const { candidate } = state;
  const commit = candidate?.desired.commit ?? entry.desired?.commit;
  return {
    severity: 'info',
    code: 'Commanded',
    message: `${principal.id} asks to ${VERBS[command]} it${command === 'promoteFully' ? ' fully' : ''}`,
    actor: principal.id,
    principal,
    ...(candidate === undefined ? {} : { version: candidate.servable.version }),
    ...(commit === undefined ? {} : { commit }),
  };
}
