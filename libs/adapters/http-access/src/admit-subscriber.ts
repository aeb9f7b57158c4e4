import type { IncomingMessage } from 'node:http';
import type { AccessControl, Caller } from '#application/access';
import { addressBehind } from './address-behind.ts';
import { presentedBy } from './presented.ts';

/** Whoever opened a connection that outlives the policies by which it was let in. */
export interface Subscriber {
  readonly caller: Caller;
  /** What they may do by the policies that are in force when it is asked for. */
  readonly callerNow: () => Caller;
}

/**
 * Lets a client of a WebSocket in, which says who it is when it connects, or by a header as others do.
 *
 * @param said the parameters of the connection.
 * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
 */
export async function admitSubscriber(
  control: AccessControl,
  said: Readonly<Record<string, unknown>>,
  request: IncomingMessage,
): Promise<Subscriber> {
  const { authorization } = { ...request.headers, ...said };
  const shown = {
    ...presentedBy(request),
    authorization: typeof authorization === 'string' ? authorization : undefined,
  };
  const address = addressBehind(request.socket.remoteAddress, request.headers, control);
  const caller = await control.admit(shown, address);
  return { caller, callerNow: () => control.callerOf(caller.principal, address) };
}
