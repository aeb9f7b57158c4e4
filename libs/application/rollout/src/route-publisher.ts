import type { Deployment } from './deployment.ts';
import { deploymentKey } from './deployment-key.ts';
import type { DeploymentRoute, GatewayFleet } from './gateway-fleet.ts';
import type { Authority } from './leadership.ts';
import type { Scheduler } from './scheduler.ts';

/** What routes are published with. */
export interface RoutePublisherParts {
  readonly fleet: GatewayFleet;
  readonly scheduler: Scheduler;
  readonly deployments: () => readonly Deployment[];
  /** What may be done now. */
  readonly authority: () => Authority;
}

/** Times as long as publishing took, until traffic is given again. */
const PUBLISHING_PAUSE = 4;

/** Tells the gateways the routes of all deployments, whenever one of them is another. */
export class RoutePublisher {
  readonly #parts: RoutePublisherParts;
  #published: readonly DeploymentRoute[] | undefined;
  /** When routes that give traffic may be published again, by the scheduler. */
  #againAtMs = 0;
  #isPlanned = false;
  #isInRound = false;
  #isDue = false;

  constructor(parts: RoutePublisherParts) {
    this.#parts = parts;
  }

  /** Nothing is published yet: a term begins, or is over. */
  reset(): void {
    this.#published = undefined;
  }

  /** Publishes what changes in a round at its end, in the same turn. */
  afterRound(round: () => void): void {
    this.#isInRound = true;
    try {
      round();
    } finally {
      this.#isInRound = false;
    }
    if (this.#isDue) this.publish();
  }

  /** For what gives traffic: a thousand of these in a row must not keep the controller from everything else. */
  publishSoon(): void {
    const { scheduler } = this.#parts;
    const waitMs = this.#againAtMs - scheduler.nowMs();
    if (waitMs <= 0) {
      this.publish();
      return;
    }
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    scheduler.after(waitMs, () => {
      this.#isPlanned = false;
      this.publish();
    });
  }

  publish(): void {
    this.#isDue = this.#isInRound;
    const { fleet, scheduler, deployments } = this.#parts;
    const authority = this.#parts.authority();
    if (this.#isInRound || authority === 'none') return;
    const startedMs = scheduler.nowMs();
    const wanted = deployments()
      .map((deployment) => deployment.route(fleet))
      .filter((route): route is DeploymentRoute => route !== undefined);
    const before = this.#published ?? [];
    const routes = authority === 'full' ? wanted : before.map((route) => narrowed(route, wanted));
    if (this.#published !== undefined && areSame(routes, before)) return;
    this.#published = routes;
    fleet.publish(routes);
    const endedMs = scheduler.nowMs();
    this.#againAtMs = endedMs + PUBLISHING_PAUSE * (endedMs - startedMs);
  }
}

/** A route as it is, but for a candidate that shall have less. */
function narrowed(route: DeploymentRoute, wanted: readonly DeploymentRoute[]): DeploymentRoute {
  const { rolloutId, candidateWeightPercent, mirrorPercent } = route;
  const key = deploymentKey(route);
  const found = wanted.find((other) => deploymentKey(other) === key && other.rolloutId === rolloutId);
  if (found === undefined || found.candidateWeightPercent >= candidateWeightPercent) return route;
  const copies = Math.min(mirrorPercent, found.mirrorPercent);
  const match = found.match === undefined ? undefined : route.match;
  return { ...route, candidateWeightPercent: found.candidateWeightPercent, mirrorPercent: copies, match };
}

/** Whether routes say the same. Only those that were made anew are looked into: there may be thousands. */
function areSame(routes: readonly DeploymentRoute[], others: readonly DeploymentRoute[]): boolean {
  const isSame = (route: DeploymentRoute, other: DeploymentRoute | undefined) =>
    route === other || JSON.stringify(route) === JSON.stringify(other);
  return routes.length === others.length && routes.every((route, index) => isSame(route, others[index]));
}
