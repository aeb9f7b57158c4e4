import type { FastifyRequest } from 'fastify';
import type { AccessControl, Caller } from '#application/access';
import { presentedBy } from './presented.ts';

/** A credential that has expired or was revoked ends its streams so soon. */
const RENEWAL_MS = 5000;

/** The sender of a request whose answer goes on and on. */
export interface RenewedCaller {
  /** What they may do by the policies that are in force when it is asked for. */
  callerNow(): Caller;
  /** Asks no more. */
  stop(): void;
}

/**
 * Asks again and again whether the sender of an admitted request would still be let in.
 *
 * @param onRefused called once, when they would not.
 */
export function renewCaller(
  control: AccessControl,
  request: FastifyRequest,
  onRefused: (error: unknown) => void,
): RenewedCaller {
  const { caller, raw } = request;
  const { address } = caller.circumstances;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearInterval(timer);
  };
  const timer = setInterval(async () => {
    try {
      await control.admit(presentedBy(raw), address);
    } catch (error) {
      // It may have ended while an issuer was asked.
      if (isOver) return;
      stop();
      onRefused(error);
    }
  }, RENEWAL_MS);
  timer.unref();
  return { callerNow: () => control.callerOf(caller.principal, address), stop };
}
