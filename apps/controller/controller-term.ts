import type { GrpcGatewayFleet } from '#adapters/gateway-fleet';
import type { Logger } from '#adapters/telemetry';
import type { LeadershipEvents, Reconciler, StatusReporter } from '#application/rollout';
import { refusalOf, type Standing } from './leader-standing.ts';

/** What a term begins and ends. */
export interface TermParts {
  readonly reconciler: Reconciler;
  readonly fleet: GrpcGatewayFleet;
  readonly standing: Standing;
  /** Where statuses of commits are published. */
  readonly reporter: StatusReporter | undefined;
  readonly pollNow: () => void;
  /** Ends the connections of those who watch. */
  readonly hangUp: () => void;
  readonly logger: Logger;
}

const MAX_DISPERSAL_MS = 60_000;

/** Has a controller act while it leads, and only then. */
export class ControllerTerm implements LeadershipEvents {
  readonly #parts: TermParts;
  readonly #ttlMs: number;

  /** @param ttlMs of the lease. */
  constructor(parts: TermParts, ttlMs: number) {
    this.#parts = parts;
    this.#ttlMs = ttlMs;
  }

  async elected(epoch: number): Promise<void> {
    const { reconciler, fleet, standing, reporter, pollNow, logger } = this.#parts;
    const startedMs = performance.now();
    fleet.beginTerm(epoch);
    await reconciler.start(epoch);
    if (standing()?.epoch !== epoch) return;
    fleet.admit();
    reporter?.catchUp(reconciler.deployments);
    pollNow();
    const tookMs = Math.round(performance.now() - startedMs);
    logger.info({ epoch, deployments: reconciler.deployments.length, tookMs }, 'this controller leads');
  }

  lapsed(): void {
    const message =
      'the lease could not be renewed in time: until it is, candidates may lose traffic, and nothing else is done';
    this.#parts.logger.warn(message);
    this.#disperseAfter(this.#ttlMs / 2);
  }

  regained(): void {
    this.#parts.logger.info('the lease is renewed: this controller leads again');
    this.#parts.reconciler.resume();
  }

  resigned(reason: string): void {
    const { reconciler, fleet, standing, hangUp, logger } = this.#parts;
    reconciler.resign();
    fleet.refuse(() => refusalOf(standing, 'address'));
    hangUp();
    logger.info({ reason }, 'this controller does not lead any more');
  }

  /** If the store is out of reach for this controller alone, another leads by then: the gateways shall find it, or come back. */
  #disperseAfter(delayMs: number): void {
    const disperse = () => {
      if (this.#parts.standing()?.authority !== 'protective') return;
      this.#parts.fleet.disperse('this controller cannot renew its lease: another may lead');
      this.#disperseAfter(Math.min(delayMs * 2, MAX_DISPERSAL_MS));
    };
    setTimeout(disperse, delayMs).unref();
  }
}
