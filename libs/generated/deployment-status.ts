// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
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
   * What Git says; absent while no valid manifest was ever seen.
   */
  desired?: {
    model: string;
    /**
     * 0 for an ensemble.
     */
    version: number;
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
  /**
   * The commit that asked for it.
   */
  commit: string;
  /**
   * Whether every attached gateway has it loaded.
   */
  isReady: boolean;
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
   * A word for machines: `RolloutStarted`, `WeightChanged`, `Promoted`, `RolledBack`, or an error code.
   */
  code: string;
  message: string;
  commit?: string;
  version?: number;
}
