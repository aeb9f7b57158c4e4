import type { FastifyInstance, FastifyReply } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '#adapters/telemetry';
import { replyWithError } from '#adapters/wire-errors';
import type { Caller } from '#application/access';
import type { Leadership, Reconciler } from '#application/rollout';
import { DomainError } from '#domain/errors';

/** How a controller stands to the others; `undefined` until it has looked at the lease. */
export type Standing = () => Pick<Leadership, 'authority' | 'epoch' | 'hasLooked' | 'leader'> | undefined;

/** What every controller answers for itself, whoever leads. */
const ANSWERED_BY_ALL = /^\/(health\/|metrics(\?|$))/;

/** Why a controller that does not lead refuses something, and who would not. */
export function refusalOf(standing: Standing, of: 'url' | 'address'): string {
  const leader = standing()?.leader;
  return leader === undefined
    ? 'this controller does not lead, and none does at present: try again'
    : `this controller does not lead: ask the one at ${leader[of]}`;
}

/** Whether a controller acts, and who does if it does not. */
export interface ActingParts {
  readonly reconciler: Pick<Reconciler, 'isActing'>;
  readonly standing: Standing;
  /** Whether everybody may know where the others are; if not, only those may who say who they are. */
  readonly isOpen: boolean;
}

/** @throws NOT_LEADER in a controller that does not act, naming the leader to those who may know it. */
export function assertActing({ reconciler, standing, isOpen }: ActingParts, caller: Caller | undefined): void {
  if ((standing()?.authority ?? 'none') !== 'none' && reconciler.isActing) return;
  const isKnown = caller !== undefined && caller.principal.kind !== 'anonymous';
  if (!isOpen && !isKnown) throw new DomainError('NOT_LEADER', 'this controller does not lead: ask another one');
  const leader = standing()?.leader?.url;
  throw new DomainError('NOT_LEADER', refusalOf(standing, 'url'), leader === undefined ? {} : { leader });
}

/** Refuses, in a controller that does not act, everything that the leader alone can answer. Whoever asks was let in before. */
export function refuseUnlessActing(fastify: FastifyInstance, parts: ActingParts & { readonly logger: Logger }): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (ANSWERED_BY_ALL.test(request.url)) return;
    try {
      assertActing(parts, request.caller);
    } catch (error) {
      return replyWithError(reply, error as Error, parts.logger);
    }
  });
}

/** What a controller's readiness depends on. */
export interface ReadinessParts extends Pick<ActingParts, 'standing' | 'isOpen'> {
  readonly hasPolled: boolean;
}

/** A follower is ready to take over; a leader is ready when it has read Git. Everybody may ask. */
export function replyWithReadiness(reply: FastifyReply, { standing, isOpen, hasPolled }: ReadinessParts): FastifyReply {
  const present = standing();
  const isLeader = present?.authority === 'full';
  const isReady = present?.hasLooked === true && (hasPolled || !isLeader);
  return reply
    .code(isReady ? 200 : 503)
    .send({ ready: isReady, leader: isLeader, ...(isOpen ? { leaderAddress: present?.leader?.url } : {}) });
}

/** Adds who leads to a controller's metrics. */
export function addLeaderMetrics(registry: Registry, standing: Standing): void {
  new Gauge({
    name: 'slipway_controller_is_leader',
    help: '1 while this controller leads; the sum over all controllers is 1, or 0 during a takeover.',
    registers: [registry],
    collect() {
      this.set(standing()?.authority === 'full' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'slipway_controller_lease_epoch',
    help: 'Epoch of this controller’s term; 0 while it does not lead. Grows with every takeover.',
    registers: [registry],
    collect() {
      this.set(standing()?.epoch ?? 0);
    },
  });
}
