/** What gateways look at in the answers of a rollout, beside counting them: only what a gate asks for is looked at. */
export interface TrafficWatch {
  /** Times of answers, into {@link TrafficCounts.latency}. */
  readonly latency: boolean;
  /** NaN and infinities in the candidate's answers, which are failures of it then: stable answers instead. */
  readonly nonFinite: boolean;
  /** Answers equal to the one before although the inputs differ. */
  readonly constant: boolean;
  /** Outputs whose values are counted. */
  readonly outputs: readonly string[];
  /** Outputs that are compared between stable and the candidate on mirrored traffic. */
  readonly agreement: readonly AgreementWatch[];
}

/** How an output is compared. */
export interface AgreementWatch {
  readonly output: string;
  /** Largest difference of two numbers that agree, as a share of the larger one. Labels must be equal. */
  readonly tolerance: number;
}

export const WATCH_NOTHING: TrafficWatch = {
  latency: false,
  nonFinite: false,
  constant: false,
  outputs: [],
  agreement: [],
};

/**
 * When a gateway takes a candidate out by itself, from its own counts alone: when the evidence against an error rate of at most `max`
 * reaches the threshold, and stable is within `max` on this gateway.
 */
export interface Breaker {
  /** Tolerated share of requests that fail, 0 to 1, both excluded. */
  readonly max: number;
  /** Natural logarithm of the evidence that is needed. */
  readonly logThreshold: number;
}
