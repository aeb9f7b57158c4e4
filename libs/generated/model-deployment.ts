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
        versions:
          | [number]
          | [number, number]
          | [number, number, number]
          | [number, number, number, number]
          | [number, number, number, number, number]
          | [number, number, number, number, number, number]
          | [number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number, number, number, number, number]
          | [number, number, number, number, number, number, number, number, number, number, number, number, number]
          | [
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number
            ]
          | [
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number
            ]
          | [
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number,
              number
            ];
      };
    }
  | {
      /**
       * Every version of the model.
       */
      all: {};
    };
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
     * The version to serve; this or `alias`. A change starts a rollout.
     */
    version?: number;
    /**
     * An alias of the registry that names the version to serve, such as `champion`. It is looked up once, when the commit is taken: a later move of the alias changes nothing until the next commit that touches this file.
     */
    alias?: string;
    versionPolicy?: VersionPolicy;
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
    rollout?: Rollout;
  };
}
export interface StringMap {
  [k: string]: string;
}
export interface Batching {
  /**
   * Most rows of several requests that one run computes; 1 leaves each request a run of its own. Default: 32 where loading has shown that rows do not depend on each other, else 1.
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
  preferredSizes?:
    | [number]
    | [number, number]
    | [number, number, number]
    | [number, number, number, number]
    | [number, number, number, number, number]
    | [number, number, number, number, number, number]
    | [number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number, number, number, number, number]
    | [number, number, number, number, number, number, number, number, number, number, number, number, number, number]
    | [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number
      ]
    | [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number
      ];
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
  states:
    | [
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
      ]
    | [
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
        {
          /**
           * Output of the model that holds the state after a run.
           */
          output: string;
          /**
           * Input that takes it in the next run of the sequence; zeros in the first, with the request's number of rows where the first axis is free and 1 for other free axes.
           */
          input: string;
        }
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
