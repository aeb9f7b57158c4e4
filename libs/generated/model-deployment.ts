// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
export type Name = string;
/**
 * Which versions are served, beside stable and the candidate, to requests that name them (`/v2/models/<name>/versions/<n>`). They get nothing else, and no gate counts them. They are chosen when the commit is taken, withdrawn versions left out, and at most 16 of them, the newest. Default: none.
 */
export type VersionPolicy =
  | {
      latest: {
        /**
         * So many of the newest versions of the model.
         */
        count: number;
      };
    }
  | {
      specific: {
        /**
         * These versions.
         *
         * @minItems 1
         * @maxItems 16
         */
        versions: [number, ...number[]];
      };
    }
  | {
      /**
       * Every version of the model.
       */
      all: {};
    };
export type Value = string;
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "BF16"
  | "FP32"
  | "FP64"
  | "BYTES";
export type EnsembleStep =
  | {
      /**
       * Calls a deployment.
       */
      model: {
        /**
         * A deployment of the same namespace; no ensemble.
         */
        deployment: string;
        /**
         * The version that answers. Default: what the deployment routes to, a candidate of a rollout included.
         */
        version?: number;
        inputs: Bindings;
        outputs: Bindings1;
        /**
         * How long its answer is waited for; the step has failed then. Default: as long as the request's own deadline.
         */
        timeout?: string;
      };
    }
  | {
      /**
       * Another datatype. Fractions are cut off, what is out of range becomes the nearest number that is not, NaN becomes 0.
       */
      cast: {
        /**
         * Value that it takes.
         */
        input: string;
        datatype: Datatype;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * (x - mean) / std. Integers become FP32.
       */
      scale: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * One number, or one for each index of the axis.
         *
         * @minItems 1
         * @maxItems 4096
         */
        mean: [number, ...number[]];
        /**
         * The same; not 0.
         *
         * @minItems 1
         * @maxItems 4096
         */
        std: [number, ...number[]];
        /**
         * The axis that several numbers belong to; -1 is the last one.
         */
        axis?: number;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * The same elements under another shape.
       */
      reshape: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * 0 keeps the axis at its place, -1 takes what is left, once.
         *
         * @maxItems 32
         */
        shape: number[];
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * The axes in another order.
       */
      transpose: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * The place of each axis in the input.
         *
         * @minItems 1
         * @maxItems 32
         */
        axes: [number, ...number[]];
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * Probabilities along an axis.
       */
      softmax: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * Default: -1, the last one.
         */
        axis?: number;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * INT64 index of the largest element along an axis, the first of equal ones.
       */
      argmax: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * It is left out of the output. Default: -1, the last one.
         */
        axis?: number;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * The largest elements, their indices, or both.
       */
      topK: {
        /**
         * Value that it takes.
         */
        input: string;
        k: number;
        /**
         * Value for the k largest elements along the last axis, falling.
         */
        values?: string;
        /**
         * Value for their INT64 indices.
         */
        indices?: string;
      };
    }
  | {
      /**
       * Names (BYTES) for indices.
       */
      labels: {
        /**
         * Value that it takes.
         */
        input: string;
        /**
         * The name of each index, from 0 on.
         *
         * @minItems 1
         * @maxItems 100000
         */
        labels: [string, ...string[]];
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * Tensors behind each other along an axis, such as the answers of several models for one that decides.
       */
      concat: {
        /**
         * @minItems 1
         * @maxItems 64
         */
        inputs: [Value, ...Value[]];
        /**
         * Default: -1, the last one.
         */
        axis?: number;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * One answer from several.
       */
      combine: {
        /**
         * Values of the same datatype and shape.
         *
         * @minItems 1
         * @maxItems 64
         */
        inputs: [Value, ...Value[]];
        /**
         * `mean`: of floats. `confidence`: the mean weighted, in each row, by the row's largest probability. `vote`: what most say, of integers, BOOL or BYTES; of equal ones what the first of them says.
         */
        by: "mean" | "confidence" | "vote";
        /**
         * One for each input. Default: all alike.
         */
        weights?: number[];
        /**
         * How many of the inputs must be there, the steps of the others having failed. Default: all.
         */
        minAnswers?: number;
        /**
         * Value that it gives.
         */
        output: string;
      };
    }
  | {
      /**
       * Runs one of several branches, by weight.
       */
      splitter: {
        /**
         * `request`: equal requests go the same way. Default: chance.
         */
        by?: "chance" | "request";
        /**
         * @minItems 1
         * @maxItems 32
         */
        branches: [
          {
            /**
             * Its share of the requests is its part of the sum of all weights.
             */
            weight: number;
            steps?: EnsembleSteps1;
            outputs: Bindings2;
          },
          ...{
            /**
             * Its share of the requests is its part of the sum of all weights.
             */
            weight: number;
            steps?: EnsembleSteps1;
            outputs: Bindings2;
          }[]
        ];
      };
    }
  | {
      /**
       * Runs the first branch whose condition holds.
       */
      switch: {
        on:
          | {
              /**
               * A parameter of the request.
               */
              parameter: string;
            }
          | {
              /**
               * A value with one element.
               */
              value: string;
            };
        /**
         * @minItems 1
         * @maxItems 64
         */
        cases: [
          {
            when: Condition;
            steps?: EnsembleSteps2;
            outputs: Bindings3;
          },
          ...{
            when: Condition;
            steps?: EnsembleSteps2;
            outputs: Bindings3;
          }[]
        ];
        otherwise?: Branch;
      };
    };
/**
 * They may take the values around them. Default: none; the outputs are values from around then.
 *
 * @maxItems 64
 */
export type EnsembleSteps1 = EnsembleStep[];
export type Condition =
  | {
      /**
       * A text, a number, true or false.
       */
      equals: string | number | boolean;
    }
  | {
      below: number;
    }
  | {
      atLeast: number;
    };
/**
 * They may take the values around them. Default: none; the outputs are values from around then.
 *
 * @maxItems 64
 */
export type EnsembleSteps2 = EnsembleStep[];
/**
 * They may take the values around them. Default: none; the outputs are values from around then.
 *
 * @maxItems 64
 */
export type EnsembleSteps3 = EnsembleStep[];
/**
 * In any order: each runs as soon as the values that it takes are there, and those that do not wait for each other run at once. A value is given once.
 *
 * @maxItems 64
 */
export type EnsembleSteps = EnsembleStep[];
export type Signer = string;
export type PluginName = string;
/**
 * Plugins of kind `preprocessor` that make the model's inputs of what clients send, in this order. Default: none.
 *
 * @maxItems 8
 */
export type PluginNames = PluginName[];
/**
 * Plugins of kind `postprocessor` that make what clients get of the model's outputs, in this order. Default: none.
 *
 * @maxItems 8
 */
export type PluginNames1 = PluginName[];
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
        /**
         * Until the candidate's error rate is known with this confidence to be within the limit of the error-rate gate, however often it was looked at.
         */
        confidence?: number;
      };
    }
  | {
      /**
       * While the step lasts, the candidate gets copies of requests that stable answers; its answers are compared and dropped. Copies wait for nobody and are the first to be left out under load.
       */
      mirror: {
        /**
         * Percent of stable's requests.
         */
        percent: number;
        /**
         * Copies that must have been run in this step.
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
export type FreezeWindow =
  | {
      /**
       * Days on which it begins, every week.
       *
       * @minItems 1
       */
      days: [
        "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun",
        ...("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[]
      ];
      /**
       * When it begins.
       */
      from: string;
      /**
       * When it ends: on the next day, if that is not after `from`.
       */
      to: string;
      /**
       * Of the IANA database, such as `Europe/Berlin`. Default: UTC.
       */
      timeZone?: string;
    }
  | {
      /**
       * Its beginning and its end, once: `2026-12-24T12:00Z`.
       *
       * @minItems 2
       * @maxItems 2
       */
      between: [string, string, ...string[]];
    };
export type Gate =
  | {
      metric: "error-rate";
      /**
       * Tolerated share of requests that fail for the server's reasons. Default: 0.01.
       */
      max?: number;
      /**
       * Whether a candidate is excused while stable does alike. Default: stable.
       */
      against?: "stable" | "none";
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Candidate requests without which it is never promoted. Default: 20.
       */
      minRequests?: number;
    }
  | {
      metric: "latency";
      /**
       * Which quantile of the times from receipt to answer. Default: 0.99.
       */
      quantile?: number;
      /**
       * What the quantile may be; this or `maxRatio`.
       */
      max?: string;
      /**
       * How many times stable's quantile it may be, as measured when the rollout began. Default, without `max`: 1.5.
       */
      maxRatio?: number;
      /**
       * Whether a candidate is excused while stable does alike. Default: stable.
       */
      against?: "stable" | "none";
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Candidate requests without which it is never promoted. Default: 20.
       */
      minRequests?: number;
    }
  | {
      metric: "non-finite-outputs";
      /**
       * Tolerated share of answers that hold NaN or an infinity; such answers are failures, which stable answers instead. Default: 0, so that the first one rolls back.
       */
      max?: number;
      /**
       * Whether a candidate is excused while stable does alike. Default: stable.
       */
      against?: "stable" | "none";
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Candidate requests without which it is never promoted. Default: 20.
       */
      minRequests?: number;
    }
  | {
      metric: "constant-outputs";
      /**
       * Tolerated share of answers that are equal to the one before although the inputs differ. Default: 0.5.
       */
      max?: number;
      /**
       * Whether a candidate is excused while stable does alike. Default: stable.
       */
      against?: "stable" | "none";
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Candidate requests without which it is never promoted. Default: 20.
       */
      minRequests?: number;
    }
  | {
      metric: "output-drift";
      /**
       * Output of the model. Of integers and texts the values are the labels; of floats along a last axis the index of the largest is, and single floats are numbers.
       */
      output: string;
      /**
       * Largest population stability index of the labels, or of the numbers in bins, against stable's. Default, without `maxShift`: 0.2.
       */
      maxPsi?: number;
      /**
       * Largest shift of the mean and the median of numbers, in ranges between stable's quartiles.
       */
      maxShift?: number;
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Answers of each version without which the candidate is never promoted. Default: 200.
       */
      minRequests?: number;
    }
  | {
      metric: "agreement";
      /**
       * Output of the model. Of integers and texts the values are the labels; of floats along a last axis the index of the largest is, and single floats are numbers.
       */
      output: string;
      /**
       * Share of the mirrored requests that must be answered as stable answers them. Default: 0.98.
       */
      min?: number;
      /**
       * Largest difference of two numbers that agree, as a share of the larger one. Default: 0.001.
       */
      tolerance?: number;
      /**
       * 1 minus the probability of rolling back, at any time in the rollout, a candidate that is within the limit. Default: 0.999.
       */
      confidence?: number;
      /**
       * Compared requests without which the candidate is never promoted. Default: 20.
       */
      minRequests?: number;
    }
  | {
      metric: "prometheus";
      /**
       * Of one number. `{{namespace}}`, `{{deployment}}`, `{{candidate}}`, `{{stable}}` and `{{rolloutId}}` stand for the rollout's own.
       */
      query: string;
      /**
       * Largest value that is good; this or `min`, or both.
       */
      max?: number;
      /**
       * Smallest value that is good.
       */
      min?: number;
      /**
       * Time between two questions. Default: 30s.
       */
      interval?: string;
      /**
       * Bad answers in a row that roll back. Default: 2.
       */
      consecutive?: number;
      /**
       * What no answer means, or one without a value: `hold` waits, `rollback` counts as a bad answer, `ignore` as none. Default: hold.
       */
      onNoData?: "hold" | "rollback" | "ignore";
    }
  | {
      metric: "http";
      /**
       * Is sent what the rollout is, and answers `{"verdict": "pass", "fail" or "hold", "reason": …}`.
       */
      url: string;
      /**
       * Time between two questions. Default: 30s.
       */
      interval?: string;
      /**
       * Bad answers in a row that roll back. Default: 1.
       */
      consecutive?: number;
      /**
       * What no answer means, or one without a value: `hold` waits, `rollback` counts as a bad answer, `ignore` as none. Default: hold.
       */
      onNoData?: "hold" | "rollback" | "ignore";
    }
  | {
      metric: "plugin";
      /**
       * A plugin of kind `gate` that the controller has loaded.
       */
      plugin: string;
      /**
       * Given to the plugin with each question.
       */
      options?: {
        [k: string]: unknown;
      };
      /**
       * Time between two questions. Default: 30s.
       */
      interval?: string;
      /**
       * Bad answers in a row that roll back. Default: 1.
       */
      consecutive?: number;
      /**
       * What no answer means, or one that failed: `hold` waits, `rollback` counts as a bad answer, `ignore` as none. Default: hold.
       */
      onNoData?: "hold" | "rollback" | "ignore";
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
    annotations?: StringMap1;
  };
  spec: {
    /**
     * A model of the registry, in the same namespace.
     */
    model?: string;
    /**
     * The version to serve; this or `alias`. A change starts a rollout.
     */
    version?: number;
    /**
     * An alias of the registry that names the version to serve, such as `champion`. It is looked up once, when the commit is taken: a later move of the alias changes nothing until the next commit that touches this file.
     */
    alias?: string;
    versionPolicy?: VersionPolicy;
    ensemble?: Ensemble;
    /**
     * Which variants may serve, the preferred one first; a gateway takes the first that it can run. Default: all, as registered.
     *
     * @minItems 1
     */
    variants?: [string, ...string[]];
    /**
     * What a version must be before it is served. Default: nothing.
     */
    require?: {
      /**
       * Names of signers, as `SLIPWAY_SIGNERS` gives them to the controller and the gateways. One of them must have signed a version before it is released, and before a gateway loads it.
       *
       * @minItems 1
       * @maxItems 20
       */
      signedBy: [Signer, ...Signer[]];
    };
    resources?: {
      /**
       * Longest time from receipt to answer. Default: 10s.
       */
      deadline?: string;
      /**
       * Most requests in work at once on one gateway, waiting ones included; more are refused with 429. Fewer are let in while the model cannot keep up. Default: 256.
       */
      concurrency?: number;
      /**
       * Runner processes that hold the model on one gateway, each with its own copy. Default: chosen when it is loaded, by the cores and a short measurement.
       */
      instances?: number;
      /**
       * Threads that one run of the model uses. Default: chosen when it is loaded, by the cores and a short measurement.
       */
      threads?: number;
    };
    batching?: Batching;
    cache?: Cache;
    sequence?: Sequence;
    payloadLog?: PayloadLog;
    preprocess?: PluginNames;
    postprocess?: PluginNames1;
    rollout?: Rollout;
  };
}
/**
 * Policies can ask for them; they change nothing of what is served.
 */
export interface StringMap {
  [k: string]: string;
}
export interface StringMap1 {
  [k: string]: string;
}
/**
 * Instead of `model` and `version`: a graph of other deployments and processing steps, served like a model. A change takes effect at once when every gateway has found that its parts fit; there is no canary for it.
 */
export interface Ensemble {
  /**
   * Values that a request brings.
   *
   * @minItems 1
   * @maxItems 64
   */
  inputs: [TensorSpec, ...TensorSpec[]];
  /**
   * Values that are answered.
   *
   * @minItems 1
   * @maxItems 64
   */
  outputs: [TensorSpec, ...TensorSpec[]];
  steps: EnsembleSteps;
}
export interface TensorSpec {
  name: Value;
  datatype: Datatype;
  /**
   * -1 for an axis whose size the request chooses.
   *
   * @maxItems 32
   */
  shape: number[];
}
/**
 * The value that each input of the model gets.
 */
export interface Bindings {
  [k: string]: Value;
}
/**
 * The value that each wanted output of the model becomes.
 */
export interface Bindings1 {
  [k: string]: Value;
}
/**
 * Values that the branch gives to the steps around it, by their name there. Every branch gives the same ones.
 */
export interface Bindings2 {
  [k: string]: Value;
}
/**
 * Values that the branch gives to the steps around it, by their name there. Every branch gives the same ones.
 */
export interface Bindings3 {
  [k: string]: Value;
}
/**
 * Runs when no condition holds. Default: the request is refused then.
 */
export interface Branch {
  steps?: EnsembleSteps3;
  outputs: Bindings4;
}
/**
 * Values that the branch gives to the steps around it, by their name there. Every branch gives the same ones.
 */
export interface Bindings4 {
  [k: string]: Value;
}
export interface Batching {
  /**
   * Most rows of several requests that one run computes; 1 leaves each request a run of its own. Default: 64 where loading has shown that rows do not depend on each other, else 1; fewer of a model that could not compute them in a quarter of its deadline.
   */
  maxBatchSize?: number;
  /**
   * How long a request may wait for others to share its run. Default: not at all; what has come while the last run was on makes the next one.
   */
  maxDelay?: string;
  /**
   * Numbers of rows that the model runs best with: a run is cut down to the largest of them that is full.
   *
   * @minItems 1
   * @maxItems 16
   */
  preferredSizes?: [number, ...number[]];
}
/**
 * Answers are kept and given again for equal inputs of the same version, and equal requests in work at one time share a run. Not together with `sequence`. Default: none are.
 */
export interface Cache {
  /**
   * Most that the answers of one version may take on one gateway; what was used least recently goes first.
   */
  maxMemory: string;
  /**
   * How long an answer may be given again. Default: as long as there is room.
   */
  ttl?: string;
}
/**
 * For models with state: requests with one `sequence_id` are run in order, and what one run gives out as state the next one gets.
 */
export interface Sequence {
  /**
   * @minItems 1
   * @maxItems 16
   */
  states: [
    {
      /**
       * Output of the model that holds the state after a run.
       */
      output: string;
      /**
       * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
       */
      input: string;
    },
    ...{
      /**
       * Output of the model that holds the state after a run.
       */
      output: string;
      /**
       * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
       */
      input: string;
    }[]
  ];
  /**
   * Input of the model that is 1 in the first run of a sequence and 0 in the others.
   */
  startInput?: string;
  /**
   * Input of the model that is 1 in the last run of a sequence and 0 in the others.
   */
  endInput?: string;
  /**
   * Most sequences whose state is kept on one gateway. Default: 1000.
   */
  maxSequences?: number;
  /**
   * A sequence that rests for longer is forgotten. Default: 1m.
   */
  maxIdle?: string;
}
/**
 * Requests and answers are written to the object store, by chance. Default: none are.
 */
export interface PayloadLog {
  /**
   * Percent of the requests.
   */
  samplePercent: number;
  /**
   * Tensors whose elements are left out.
   */
  redact?: string[];
}
export interface Rollout {
  /**
   * `canary` walks the steps and switches then. `blueGreen` has the new version ready beside stable, for requests that name the version `candidate` or match, and moves all traffic at once after its steps. `shadow` gives it copies of requests and nothing else, `experiment` its share of them; both wait for `slipway rollout promote` or `abort`. `allAtOnce` switches when it is ready. Default: canary.
   */
  strategy?: "canary" | "blueGreen" | "shadow" | "experiment" | "allAtOnce";
  /**
   * Walked in order; after the last one the candidate becomes stable, where the strategy does not wait for a person. `blueGreen` and `shadow` have no `setWeight`. Default of `canary`: 5 %, analyse 500 requests, 25 %, analyse 1000 requests; of `blueGreen`: a pause; of `shadow`: copies of all requests; of `experiment`: 50 %, analyse 1000 requests.
   *
   * @minItems 1
   * @maxItems 50
   */
  steps?: [Step, ...Step[]];
  /**
   * Requests that always go to the candidate, once it is ready. They are no random sample: no gate counts them.
   */
  match?: {
    /**
     * Headers (metadata, in gRPC) that a request must all carry, each with just this value.
     */
    headers: {
      [k: string]: string;
    };
  };
  /**
   * `header:<name>` or `parameter:<name>`: requests with one value of it stay with one version, and with the candidate while its weight grows. Requests without it go by chance. Default: all go by chance.
   */
  stickyBy?: string;
  /**
   * Who answers an inference that failed on the candidate for the server's reasons, or that it has no room for. Default: stable.
   */
  fallback?: "stable" | "none";
  /**
   * Longest time that a rollout may take, pauses for a person left out; past it the candidate is rolled back. Default: 1h.
   */
  progressDeadline?: string;
  /**
   * A version that was stable among so many last ones takes over again as soon as it is ready, without steps. Default: 3.
   */
  rollbackWindow?: number;
  /**
   * Deployments of the same namespace that must serve what Git says before a rollout begins. Default: none.
   *
   * @maxItems 32
   */
  dependsOn?: Name[];
  /**
   * Times in which no rollout begins or goes on; a person can go on all the same, and rollbacks never wait. Default: none.
   *
   * @maxItems 32
   */
  freeze?: FreezeWindow[];
  /**
   * What a candidate may do at most before it is stable; beyond it, it is rolled back whatever the gates say. Default: no bound.
   */
  blastRadius?: {
    /**
     * Requests that failed on it, seen by the client or not.
     */
    maxErrors?: number;
    /**
     * Requests that chance gave it.
     */
    maxRequests?: number;
  };
  /**
   * Whether each gateway takes the candidate out by itself, in the turn in which its own counts show that it fails, whether or not it reaches the controller. Default: true.
   */
  breaker?: boolean;
  /**
   * Judged on every count that arrives; any one of them can roll back. Default: one error-rate gate with its defaults.
   *
   * @maxItems 10
   */
  gates?: Gate[];
  onFailure?: {
    /**
     * Whether the rollback is committed: to the tracked branch (to a branch of its own where that one refuses it), or always to a branch of its own, for a person to merge. Default: commit.
     */
    writeBack?: "commit" | "branch" | "none";
  };
  /**
   * true: the version is tried although it was rolled back. Default: a version that was rolled back is not tried again, whatever else changes, until the manifest names another one.
   */
  acceptRejected?: boolean;
  /**
   * Any text. Another one lets a version be tried again that was rolled back.
   */
  retryToken?: string;
}
