import type { Breaker, TrafficWatch } from '#domain/traffic';
import { type WatchedAnswer, watchAnswer } from './answer-watch.ts';
import { isTripped } from './local-breaker.ts';
import { MirrorTally, type TrafficKey, TrafficTally } from './traffic-tally.ts';

/** What a count needs to know of its route. */
export interface CountedRoute extends TrafficKey {
  readonly modelName: string;
  readonly stable: { readonly build: string };
  readonly candidate?: { readonly build: string };
  readonly watch?: TrafficWatch | undefined;
  readonly breaker?: Breaker | undefined;
}

/** Who is told of what the ledger counts, each time in the same turn. */
export interface LedgerListener {
  /** A server error, which the controller must learn of at once. */
  readonly onError: () => void;
  /** This gateway's own counts say that it must not wait for the controller. May come several times for a rollout. */
  readonly onTrip: (route: CountedRoute) => void;
}

/**
 * Counts what became of randomly split requests, per rollout and build, and of the copies that candidates got. Totals only grow, so that
 * whoever reads them late or twice is not misled.
 */
export class TrafficLedger {
  readonly #tallies = new Map<string, TrafficTally>();
  readonly #nowMs: () => number;
  readonly #listener: LedgerListener;
  #changes = 0;

  constructor(nowMs: () => number, listener: LedgerListener) {
    this.#nowMs = nowMs;
    this.#listener = listener;
  }

  /** Grows with every count; equal numbers mean that nothing was counted in between. */
  get changes(): number {
    return this.#changes;
  }

  get totals(): readonly TrafficTally[] {
    return this.totalsSince(0);
  }

  /** Those that were changed after {@link changes} had that number. */
  totalsSince(changes: number): readonly TrafficTally[] {
    return [...this.#tallies.values()].filter(({ change }) => change > changes);
  }

  /** Counts an answer that the client gets, and looks at it as far as the route's gates want. */
  countAnswer(route: CountedRoute, build: string, answer: WatchedAnswer): void {
    const tally = this.#at(route, build);
    tally.requests += 1;
    if (route.watch !== undefined) watchAnswer(tally, route.watch, answer);
  }

  /** Counts an answer that held NaN or an infinity, and which stable's took the place of. */
  countNonFinite(route: CountedRoute, build: string): void {
    const tally = this.#at(route, build);
    tally.requests += 1;
    tally.fallbacks += 1;
    tally.nonFinite = (tally.nonFinite ?? 0) + 1;
    this.#listener.onError();
  }

  countServerError(route: CountedRoute, build: string, error: string, isAnsweredByStable: boolean): void {
    const tally = this.#at(route, build);
    tally.requests += 1;
    tally.serverErrors += 1;
    if (isAnsweredByStable) tally.fallbacks += 1;
    tally.firstErrorAtMs ??= this.#nowMs();
    tally.lastError = error;
    const { breaker, candidate, stable, rolloutId } = route;
    if (breaker !== undefined && candidate?.build === build) {
      const ofStable = this.#tallies.get(tallyId(rolloutId, stable.build));
      if (isTripped(breaker, tally, ofStable)) this.#listener.onTrip(route);
    }
    this.#listener.onError();
  }

  /** Counts a copy that was answered. @param disagreeing outputs; `undefined` when there was nothing to compare. */
  countMirrored(route: CountedRoute, build: string, disagreeing: readonly string[] | undefined): void {
    const mirrored = this.#mirrorAt(route, build);
    mirrored.requests += 1;
    if (disagreeing === undefined) return;
    mirrored.compared += 1;
    for (const name of disagreeing) mirrored.disagreements.set(name, (mirrored.disagreements.get(name) ?? 0) + 1);
  }

  /** Counts a copy that failed: no client has noticed. */
  countMirroredError(route: CountedRoute, build: string): void {
    const mirrored = this.#mirrorAt(route, build);
    mirrored.requests += 1;
    mirrored.serverErrors += 1;
    this.#listener.onError();
  }

  /** Counts a copy that was not made for want of room. */
  countShed(route: CountedRoute, build: string): void {
    this.#mirrorAt(route, build).shed += 1;
  }

  /**
   * Forgets rollouts that are over, each when another one of its deployment begins: a controller that took over may not know yet how
   * the last one ended, and judges it again by its counts.
   */
  keepOnly(routes: readonly { readonly namespace: string; readonly name: string; readonly rolloutId: string }[]): void {
    const present = new Map(routes.map((route) => [`${route.namespace}/${route.name}`, route.rolloutId]));
    for (const [id, { namespace, deployment, rolloutId }] of this.#tallies) {
      const now = present.get(`${namespace}/${deployment}`);
      if (now === undefined || (now !== '' && now !== rolloutId)) this.#tallies.delete(id);
    }
  }

  #mirrorAt(route: CountedRoute, build: string): MirrorTally {
    const tally = this.#at(route, build);
    tally.mirrored ??= new MirrorTally();
    return tally.mirrored;
  }

  #at(key: TrafficKey, build: string): TrafficTally {
    this.#changes += 1;
    const id = tallyId(key.rolloutId, build);
    let tally = this.#tallies.get(id);
    if (tally === undefined) {
      tally = new TrafficTally(key, build);
      this.#tallies.set(id, tally);
    }
    tally.change = this.#changes;
    return tally;
  }
}

function tallyId(rolloutId: string, build: string): string {
  return `${rolloutId}/${build}`;
}
