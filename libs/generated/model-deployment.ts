// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
export type Name = string;
export type Step =
  | {
      /**
       * Percent of the traffic for the candidate.
       */
      setWeight: number;
    }
  | {
      analyse: {
        /**
         * Candidate requests that must have ended in this step.
         */
        minRequests?: number;
        /**
         * Time that must have passed in this step.
         */
        for?: string;
      };
    }
  | {
      pause: {
        /**
         * Without it the rollout waits for `slipway rollout promote`.
         */
        for?: string;
      };
    };

/**
 * What a namespace serves under one name, and how a change of it is released. Most releases change `spec.version` alone.
 */
export interface ModelDeployment {
  apiVersion: "slipway.dev/v1";
  kind: "ModelDeployment";
  metadata: {
    name: Name;
    /**
     * Default: `default`.
     */
    namespace?: string;
    labels?: StringMap;
    annotations?: StringMap;
  };
  spec: {
    /**
     * A model of the registry, in the same namespace.
     */
    model: string;
    /**
     * The version to serve. A change starts a rollout.
     */
    version: number;
    /**
     * Which variants may serve, the preferred one first; a gateway takes the first that it can run. Default: all, as registered.
     *
     * @minItems 1
     */
    variants?: [string, ...string[]];
    resources?: {
      /**
       * Longest time from receipt to answer. Default: 10s.
       */
      deadline?: string;
      /**
       * Most requests in work at once on one gateway; more are refused with 429. Default: 256.
       */
      concurrency?: number;
    };
    rollout?: Rollout;
  };
}
export interface StringMap {
  [k: string]: string;
}
export interface Rollout {
  /**
   * `canary` walks the steps; `allAtOnce` switches when the new version is ready. Default: canary.
   */
  strategy?: "canary" | "allAtOnce";
  /**
   * Walked in order; after the last one the candidate becomes stable. Default: 5 %, analyse 500 requests, 25 %, analyse 1000 requests.
   *
   * @minItems 1
   * @maxItems 50
   */
  steps?: [Step, ...Step[]];
  /**
   * Who answers an inference that failed on the candidate for the server's reasons. Default: stable.
   */
  fallback?: "stable" | "none";
  /**
   * Longest time that a rollout may take, pauses for a person left out; past it the candidate is rolled back. Default: 1h.
   */
  progressDeadline?: string;
  /**
   * Judged on every count that arrives; any one of them can roll back. Default: one error-rate gate with its defaults.
   *
   * @maxItems 10
   */
  gates?:
    | []
    | [Gate]
    | [Gate, Gate]
    | [Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate]
    | [Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate, Gate];
  onFailure?: {
    /**
     * Whether the rollback is committed to the tracked branch. Default: commit.
     */
    writeBack?: "commit" | "none";
  };
  /**
   * Any text. A specification that was rolled back is not tried again; another token makes it another specification.
   */
  retryToken?: string;
}
export interface Gate {
  metric: "error-rate";
  /**
   * Tolerated share of requests that fail for the server's reasons. Default: 0.01.
   */
  max?: number;
  /**
   * Whether a candidate is excused while stable fails alike. Default: stable.
   */
  against?: "stable" | "none";
  /**
   * 1 minus the probability of rolling back, at any time in the rollout, a candidate whose error rate is within `max`. Default: 0.999.
   */
  confidence?: number;
  /**
   * Candidate requests without which it is never promoted. Default: 20.
   */
  minRequests?: number;
}
