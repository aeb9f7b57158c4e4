import type { Caller } from '#application/access';
import { type Actor, ANONYMOUS, parseActor } from '#domain/registry';

/** What resolvers and routes know of a request beside its arguments. */
export interface RequestContext {
  readonly caller: Caller;
  /** The caller by the policies that are in force when it is asked for: a subscription outlives them. */
  readonly callerNow: () => Caller;
  /** Who is written down as the author of changes. */
  readonly actor: Actor;
}

/** What a client says of itself. It is believed where access is open, and nowhere else. */
export const ACTOR_HEADER = 'slipway-actor';

/**
 * The author of a caller's changes.
 *
 * @param said what the client says of itself; `undefined` where that is not to be believed.
 * @throws NAME_INVALID when it says nonsense.
 */
export function actorOf({ principal }: Caller, said: unknown): Actor {
  if (principal.kind !== 'anonymous') return parseActor(principal.id);
  return typeof said === 'string' && said !== '' ? parseActor(said, ACTOR_HEADER) : ANONYMOUS;
}
