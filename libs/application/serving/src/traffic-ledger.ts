/** Totals of one version in one rollout, since this process started. */
export interface TrafficTotals {
  readonly namespace: string;
  readonly deployment: string;
  readonly rolloutId: string;
  readonly version: number;
  readonly requests: number;
  readonly serverErrors: number;
  readonly fallbacks: number;
  /** Milliseconds since the epoch; 0 without an error. */
  readonly firstErrorAtMs: number;
  readonly lastError: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Where a count belongs. */
export interface TrafficKey {
  readonly namespace: string;
  readonly deployment: string;
  readonly rolloutId: string;
}

/**
 * Counts what became of randomly split requests, per rollout and version. Totals only grow, so that whoever reads them late or
 * twice is not misled.
 */
export class TrafficLedger {
  readonly #totals = new Map<string, Mutable<TrafficTotals>>();
  readonly #nowMs: () => number;
  readonly #onError: () => void;
  #changes = 0;

  /** @param onError called after every server error, in the same turn: the controller must learn of it at once. */
  constructor(nowMs: () => number, onError: () => void) {
    this.#nowMs = nowMs;
    this.#onError = onError;
  }

  /** Grows with every count; equal numbers mean that nothing was counted in between. */
  get changes(): number {
    return this.#changes;
  }

  get totals(): readonly TrafficTotals[] {
    return [...this.#totals.values()];
  }

  countSuccess(key: TrafficKey, version: number): void {
    this.#at(key, version).requests += 1;
  }

  countServerError(key: TrafficKey, version: number, error: string, isAnsweredByStable: boolean): void {
    const totals = this.#at(key, version);
    totals.requests += 1;
    totals.serverErrors += 1;
    if (isAnsweredByStable) totals.fallbacks += 1;
    if (totals.firstErrorAtMs === 0) totals.firstErrorAtMs = this.#nowMs();
    totals.lastError = error;
    this.#onError();
  }

  /**
   * Forgets rollouts that are over, each when another one of its deployment begins: a controller that took over may not know yet how
   * the last one ended, and judges it again by its counts.
   */
  keepOnly(routes: readonly { readonly namespace: string; readonly name: string; readonly rolloutId: string }[]): void {
    const present = new Map(routes.map((route) => [`${route.namespace}/${route.name}`, route.rolloutId]));
    for (const [id, { namespace, deployment, rolloutId }] of this.#totals) {
      const now = present.get(`${namespace}/${deployment}`);
      if (now === undefined || (now !== '' && now !== rolloutId)) this.#totals.delete(id);
    }
  }

  #at({ namespace, deployment, rolloutId }: TrafficKey, version: number): Mutable<TrafficTotals> {
    this.#changes += 1;
    const id = `${rolloutId}/${version}`;
    let totals = this.#totals.get(id);
    if (totals === undefined) {
      totals = {
        namespace,
        deployment,
        rolloutId,
        version,
        requests: 0,
        serverErrors: 0,
        fallbacks: 0,
        firstErrorAtMs: 0,
        lastError: '',
      };
      this.#totals.set(id, totals);
    }
    return totals;
  }
}
