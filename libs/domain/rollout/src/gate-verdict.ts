/** Events among observations: failures among requests, or slow ones among answers. */
export interface EventCounts {
  readonly requests: number;
  readonly events: number;
}

/** What a gate counted of one version. */
export interface JudgedCounts extends EventCounts {
  /** Milliseconds since the epoch; of the first failure. */
  readonly firstErrorAtMs?: number | undefined;
  readonly lastError?: string | undefined;
}

/** The numbers that a gate decided on. */
export interface GateEvidence {
  /** The gate's metric. */
  readonly gate: string;
  readonly candidate: JudgedCounts;
  readonly stable: EventCounts;
  /** Tolerated share of events. */
  readonly max: number;
  readonly alpha: number;
  readonly log10Absolute: number;
  /** Absent when stable was within the limit, so that the candidate alone was judged. */
  readonly log10Relative?: number;
  /** Further numbers by name: `thresholdMs`, `psi`, `meanShift`. */
  readonly details?: Readonly<Record<string, number>>;
}

/**
 * A gate's answer.
 * - `fail`: the candidate is to be rolled back.
 * - `frozen`: stable is no better, or somebody who was asked wants to wait: nothing goes on, nothing is rolled back.
 * - `inconclusive`: not failed, and too little known to promote on.
 */
export interface GateVerdict {
  readonly kind: 'pass' | 'fail' | 'frozen' | 'inconclusive';
  /** In words and numbers. */
  readonly reason: string;
  /** Absent for gates that ask somebody else. */
  readonly evidence?: GateEvidence;
}

/** A verdict with the key of its gate. */
export interface NamedVerdict extends GateVerdict {
  readonly key: string;
}
