import { type Actor, ANONYMOUS, parseActor } from '#domain/registry';

/** What resolvers know of a request beside its arguments. */
export interface RequestContext {
  readonly actor: Actor;
}

/** What a client says of itself. It is believed as long as there is no access control. */
export const ACTOR_HEADER = 'slipway-actor';

/** @throws NAME_INVALID */
export function actorOf(word: unknown): Actor {
  return typeof word === 'string' && word !== '' ? parseActor(word, ACTOR_HEADER) : ANONYMOUS;
}
