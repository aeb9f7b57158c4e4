// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/**
 * Which variants of the version may serve, the preferred one first; absent where the manifest names none. Stable and the candidate may be one version that differs in them.
 */
export type NamedVariants = string[];

/**
 * What the controller knows of one deployment: served by its REST API and by the event stream of `slipway rollout watch`. Never written into the repository of manifests.
 */
export interface DeploymentStatus {
  namespace: string;
  name: string;
  /**
   * Pending: no version was ready yet. Progressing: a candidate is loading or walks its steps. Paused: a candidate waits in a pause step. Healthy: the desired version answers everything. RolledBack: stable answers everything because the desired version was rejected. Failed: the desired version cannot be served and stable, if there is one, answers everything.
   */
  phase: "Pending" | "Progressing" | "Paused" | "Healthy" | "RolledBack" | "Failed";
  /**
   * The phase in one sentence, with its reason.
   */
  message: string;
  /**
   * Why nothing is due now, in one sentence: what a rollout waits for, or what a rejected specification needs.
   */
  note?: string;
  /**
   * What Git says; absent while no valid manifest was ever seen.
   */
  desired?: {
    model: string;
    /**
     * 0 for an ensemble.
     */
    version: number;
    variants?: NamedVariants;
    /**
     * The alias that named the version when the commit was taken.
     */
    alias?: string;
    commit: string;
    specHash: string;
  };
  stable?: ServedVersionStatus;
  candidate?: {
    version: number;
    variants?: NamedVariants;
    rolloutId: string;
    commit: string;
    isReady: boolean;
    weightPercent: number;
    /**
     * From 0; equal to stepCount when the last step is done.
     */
    stepIndex: number;
    stepCount: number;
    /**
     * The present step in words.
     */
    step: string;
    /**
     * Candidate requests of this rollout, all gateways.
     */
    requests: number;
    serverErrors: number;
    startedAt: string;
    strategy?: "canary" | "blueGreen" | "shadow" | "experiment" | "allAtOnce";
    /**
     * All steps of the rollout, in order.
     */
    steps?: StepStatus[];
    stepTimer?: StepTimer;
    /**
     * Percent of stable's requests of which the candidate gets a copy.
     */
    mirrorPercent?: number;
    /**
     * Of this rollout, all gateways.
     */
    traffic?: {
      candidate: VersionTraffic;
      stable: VersionTraffic;
    };
    /**
     * Every gate's verdict now, in the order of the manifest.
     */
    gates?: GateStatus[];
  };
  /**
   * The versions that are served to requests that name them, beside stable and the candidate; absent where the manifest has no `versionPolicy`.
   */
  pinned?: PinnedVersionStatus[];
  lastRollout?: RolloutResult;
  /**
   * The newest 100, oldest first.
   */
  events: DeploymentEvent[];
}
export interface ServedVersionStatus {
  version: number;
  variants?: NamedVariants;
  /**
   * The commit that asked for it.
   */
  commit: string;
  /**
   * Whether every attached gateway has it loaded, with just these variants.
   */
  isReady: boolean;
}
export interface StepStatus {
  /**
   * The step in words.
   */
  text: string;
  state: "done" | "present" | "ahead";
}
/**
 * How far the present step is. It ends when all hold that is given, and for a person's word where nothing is.
 */
export interface StepTimer {
  enteredAt: string;
  /**
   * How long it lasts at least.
   */
  forMs?: number;
  /**
   * When it has lasted that long.
   */
  endsAt?: string;
  /**
   * Requests, or copies of them in a mirror step, since it was entered.
   */
  requests?: number;
  /**
   * How many it needs.
   */
  minRequests?: number;
}
/**
 * Totals of one version over the randomly split traffic of the rollout.
 */
export interface VersionTraffic {
  requests: number;
  /**
   * Those that failed for the server's reasons, seen by the client or not.
   */
  serverErrors: number;
  errorRate?: RateEstimate;
  /**
   * Those of them that stable answered instead.
   */
  fallbacks?: number;
  /**
   * Quantiles of the time from receipt to answer, to 1 %; absent while no gate measures it.
   */
  latencyMs?: {
    p50: number;
    p95: number;
    p99: number;
  };
  mirrored?: MirroredTraffic;
}
/**
 * A share of requests, 0 to 1, and its 95 % Wilson score interval. For reading, not for deciding: gates use evidence that may be looked at at any time.
 */
export interface RateEstimate {
  rate: number;
  low: number;
  high: number;
}
/**
 * Copies of stable's requests that were put to the candidate.
 */
export interface MirroredTraffic {
  requests: number;
  serverErrors: number;
  /**
   * Answers that were compared with stable's.
   */
  compared: number;
  /**
   * Those of them that differ in an output that is watched, counted once per output.
   */
  disagreements: number;
  /**
   * Copies that were not made because there was no room for them.
   */
  shed: number;
}
export interface GateStatus {
  /**
   * Names the gate within its rollout: `error-rate`, `output-drift/label`, `latency#2`.
   */
  key: string;
  /**
   * inconclusive: too little known to promote on. frozen: stable is no better, or somebody who was asked wants to wait; nothing goes on and nothing is rolled back.
   */
  verdict: "pass" | "fail" | "inconclusive" | "frozen";
  /**
   * The verdict in words and numbers.
   */
  reason: string;
  /**
   * What would make it decide, in words and numbers.
   */
  decides: string;
  evidence?: GateCounts;
}
/**
 * The numbers behind a verdict; absent for gates that ask somebody else.
 */
export interface GateCounts {
  /**
   * Of the candidate, as far as the gate counts them.
   */
  requests: number;
  /**
   * Those of them that speak against it: failures, slow answers, disagreements.
   */
  events: number;
  stableRequests: number;
  stableEvents: number;
  /**
   * Tolerated share of events; of a drift gate its limit.
   */
  max: number;
  /**
   * Probability of rejecting, at any time, a candidate within `max`.
   */
  alpha: number;
  /**
   * log10 of the e-value against `max`.
   */
  log10Absolute: number;
  /**
   * log10 of the e-value against stable; absent when stable was within `max`.
   */
  log10Relative?: number;
  /**
   * Evidence at which it fails, -log10(alpha).
   */
  log10Needed: number;
  /**
   * Further numbers by name: `thresholdMs`, `psi`, `shift`.
   */
  details?: {
    [k: string]: number;
  };
}
export interface PinnedVersionStatus {
  version: number;
  /**
   * Over all attached gateways, the worst of them. sleeping: out of memory until it is asked for.
   */
  state: "loading" | "ready" | "sleeping" | "failed";
  /**
   * Why it cannot be loaded.
   */
  error?: string;
}
export interface RolloutResult {
  rolloutId: string;
  version: number;
  variants?: NamedVariants;
  commit: string;
  outcome: "promoted" | "rolledBack" | "aborted" | "superseded" | "failed";
  reason: string;
  startedAt: string;
  endedAt: string;
  evidence?: GateEvidence;
  writeBack?: {
    state: "pending" | "committed" | "abandoned" | "off";
    commit?: string;
    message?: string;
  };
}
/**
 * The numbers that a gate decided on.
 */
export interface GateEvidence {
  gate: string;
  requests: number;
  serverErrors: number;
  stableRequests: number;
  stableServerErrors: number;
  /**
   * Tolerated error rate.
   */
  max: number;
  /**
   * Probability of rejecting, at any time, a candidate within `max`.
   */
  alpha: number;
  /**
   * log10 of the e-value against `max`; rejects at -log10(alpha).
   */
  log10Absolute: number;
  /**
   * log10 of the e-value against stable; absent when stable was within `max`.
   */
  log10Relative?: number;
  firstErrorAt?: string;
  decidedAt: string;
  /**
   * From the first candidate error to the decision.
   */
  detectionMs?: number;
  lastError?: string;
}
export interface DeploymentEvent {
  /**
   * Grows by one per deployment.
   */
  id: number;
  at: string;
  severity: "info" | "warning" | "error";
  /**
   * A word for machines: `Commanded`, `RolloutStarted`, `WeightChanged`, `Promoted`, `RolledBack`, or an error code.
   */
  code: string;
  message: string;
  commit?: string;
  version?: number;
  /**
   * Who asked for it; absent where nobody did, or access is open to all.
   */
  actor?: string;
}
