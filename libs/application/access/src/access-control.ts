import {
  ACTION_NAMES,
  ANONYMOUS_PRINCIPAL,
  clientAddress,
  type Forwarding,
  type Principal,
  type Rule,
  type TrustedProxies,
} from '#domain/access';
import type { CompiledPolicies } from './ability.ts';
import { isAdministrator } from './administrator.ts';
import type { Authenticator, Presented } from './authenticator.ts';
import { Caller, type Denial } from './caller.ts';
import type { Decision } from './decision.ts';
import type { PoliciesInForce } from './policies-in-force.ts';

/** What access is controlled with. */
export interface AccessControlParts {
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly policies: PoliciesInForce;
  /** What the administrator may do, whatever policies say. */
  readonly lastResort: CompiledPolicies;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** Told of everything that somebody was not allowed to do. */
  readonly onDenied: (denial: Denial) => void;
  /** Who is believed about where a request comes from; absent: nobody is. */
  readonly proxies?: TrustedProxies | undefined;
  /** Told of what policies are asked; absent: nobody is. The administrator asks no policies. */
  readonly onDecision?: ((decision: Decision) => void) | undefined;
}

/** Lets everybody do everything: for a quickstart on one's own machine. */
export const OPEN_ACCESS: Rule = {
  id: 'built-in: open access',
  effect: 'allow',
  subjects: [{ kind: 'everyone' }],
  actions: ACTION_NAMES,
  where: [],
  when: [],
};

/** Asks nobody who they are, and so refuses nobody: what a client shows may be meant for a proxy before us. */
export const ASKS_NOBODY: Pick<Authenticator, 'authenticate'> = { authenticate: () => ANONYMOUS_PRINCIPAL };

/** Finds out who asks, and what they may. The same for every interface. */
export class AccessControl {
  readonly #parts: AccessControlParts;

  constructor(parts: AccessControlParts) {
    this.#parts = parts;
  }

  /** Whether anybody is believed about where a request comes from: otherwise what it says of that need not be read. */
  get believesProxies(): boolean {
    return this.#parts.proxies !== undefined;
  }

  /**
   * Where a request comes from.
   *
   * @param peer at the other end of its connection.
   * @returns `undefined` when it cannot be told.
   */
  addressOf(peer: string | undefined, forwarding: Forwarding): string | undefined {
    const { proxies } = this.#parts;
    return proxies === undefined ? peer : clientAddress(peer, forwarding, proxies);
  }

  /** The same, with what is denied going by way of somebody who decides what is told of it. */
  withDenialsBy(pass: (denial: Denial, tell: (denial: Denial) => void) => void): AccessControl {
    const { onDenied } = this.#parts;
    return new AccessControl({ ...this.#parts, onDenied: (denial) => pass(denial, onDenied) });
  }

  /**
   * The sender of a request; at once where the credential was seen before.
   *
   * @param address where it comes from: see {@link addressOf}.
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  admit(presented: Presented, address: string | undefined): Caller | Promise<Caller> {
    const principal = this.#parts.authenticator.authenticate(presented);
    return principal instanceof Promise
      ? principal.then((found) => this.callerOf(found, address))
      : this.callerOf(principal, address);
  }

  /** What somebody may do who was let in before, by the policies that are in force now. */
  callerOf(principal: Principal, address: string | undefined): Caller {
    const { policies, lastResort, nowMs, onDenied, onDecision } = this.#parts;
    const circumstances = { nowMs: nowMs(), address };
    if (isAdministrator(principal)) {
      return new Caller(principal, lastResort.abilityOf(principal, circumstances), { circumstances, onDenied });
    }
    const ability = policies.compiled.abilityOf(principal, circumstances);
    return new Caller(principal, ability, { circumstances, onDenied, onDecision });
  }
}
