// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
export type Name = string;
/**
 * Actions such as `version.read`, those of a noun as `version.*`, or all as `*`.
 *
 * @minItems 1
 * @maxItems 100
 */
export type Actions = [string, ...string[]];
/**
 * The parts of the actions that this is about, such as `metrics` of `version.read`. Default: the whole.
 *
 * @minItems 1
 * @maxItems 20
 */
export type Fields = [string, ...string[]];
export type AttributeTest =
  | Value
  | [Comparand, ...Comparand[]]
  | {
      /**
       * What the one who asks is: `id`, `groups`, or a claim of the token as `attributes.<claim>`.
       */
      principal: string;
    }
  | {
      /**
       * What it must not be.
       */
      not:
        | Value
        | [Comparand, ...Comparand[]]
        | {
            /**
             * What the one who asks is: `id`, `groups`, or a claim of the token as `attributes.<claim>`.
             */
            principal: string;
          };
    }
  | {
      /**
       * How it must begin, in ASCII.
       */
      startsWith: string;
    }
  | {
      /**
       * The least number that it may be.
       */
      atLeast: number;
    }
  | {
      /**
       * The largest number that it may be.
       */
      atMost: number;
    }
  | {
      /**
       * Whether it must be there at all.
       */
      exists: boolean;
    };
export type Value = string | number;
export type Comparand =
  | Value
  | {
      /**
       * What the one who asks is: `id`, `groups`, or a claim of the token as `attributes.<claim>`.
       */
      principal: string;
    };
/**
 * Whom this is about.
 *
 * @minItems 1
 * @maxItems 1000
 */
export type Subjects = [Subject, ...Subject[]];
export type Subject =
  | {
      /**
       * A person, as their token names them.
       */
      user: string;
    }
  | {
      /**
       * A program: its SPIFFE id, the subject of its certificate, or the name that its API key was made for.
       */
      workload: string;
    }
  | {
      /**
       * A group that a token tells.
       */
      group: string;
    }
  | {
      /**
       * All who have shown who they are.
       */
      authenticated: true;
    }
  | {
      /**
       * Really everybody.
       */
      everyone: true;
    };
export type Namespace = string;
export type TimeTest =
  | {
      in: Windows;
    }
  | {
      notIn: Windows1;
    };
/**
 * Spans of time, one of which it must be.
 *
 * @minItems 1
 * @maxItems 50
 */
export type Windows = [
  (
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
      }
  ),
  ...(
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
      }
  )[]
];
/**
 * Spans of time, none of which it may be.
 *
 * @minItems 1
 * @maxItems 50
 */
export type Windows1 = [
  (
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
      }
  ),
  ...(
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
      }
  )[]
];
export type NetworkTest =
  | {
      in: Networks;
    }
  | {
      notIn: Networks1;
    };
/**
 * Networks, from one of which it must come.
 *
 * @minItems 1
 * @maxItems 100
 */
export type Networks = [string, ...string[]];
/**
 * Networks, from none of which it may come.
 *
 * @minItems 1
 * @maxItems 100
 */
export type Networks1 = [string, ...string[]];
export type CredentialTest =
  | {
      in: Credentials;
    }
  | {
      notIn: Credentials1;
    };
/**
 * Credentials, one of which it must come with.
 *
 * @minItems 1
 */
export type Credentials = [
  "token" | "apiKey" | "certificate" | "none",
  ...("token" | "apiKey" | "certificate" | "none")[]
];
/**
 * Credentials, none of which it may come with.
 *
 * @minItems 1
 */
export type Credentials1 = [
  "token" | "apiKey" | "certificate" | "none",
  ...("token" | "apiKey" | "certificate" | "none")[]
];
/**
 * Whom this is about.
 *
 * @minItems 1
 * @maxItems 1000
 */
export type Subjects1 = [Subject, ...Subject[]];
/**
 * Whom this is about.
 *
 * @minItems 1
 * @maxItems 1000
 */
export type Subjects2 = [Subject, ...Subject[]];

/**
 * Who may do what. All policies count together: a denial that fits is stronger than every permission, and what nothing allows is denied.
 */
export interface PolicyDocument {
  apiVersion: "slipway.dev/v1";
  kind: "Policy";
  metadata: {
    /**
     * Unique over all policies.
     */
    name: string;
    labels?: StringMap;
    annotations?: StringMap;
  };
  spec: {
    /**
     * Roles beside the built-in ones, for this and all other policies.
     *
     * @maxItems 100
     */
    roles?: Role[];
    /**
     * Who has which role, and where.
     *
     * @maxItems 1000
     */
    bindings?: Binding[];
    /**
     * Permissions and denials by attributes, beside the roles.
     *
     * @maxItems 1000
     */
    rules?: Rule[];
    /**
     * How much those who may infer can ask for.
     *
     * @maxItems 100
     */
    limits?: Limit[];
  };
}
export interface StringMap {
  [k: string]: string;
}
export interface Role {
  /**
   * Unique over all policies; not that of a built-in role.
   */
  name: string;
  /**
   * Roles whose permissions it has, too. Default: none.
   *
   * @maxItems 20
   */
  extends?: Name[];
  /**
   * What it permits. Default: nothing of its own.
   *
   * @maxItems 100
   */
  allow?: Grant[];
}
export interface Grant {
  actions: Actions;
  fields?: Fields;
  where?: Where;
}
/**
 * What the attributes of the resource must be, all of them: a value, several of which it must be one, or a test. Without an attribute nothing holds in permissions but `exists: false`, and in denials `not` holds.
 */
export interface Where {
  [k: string]: AttributeTest;
}
export interface Binding {
  /**
   * A built-in role or one of any policy.
   */
  role: string;
  subjects: Subjects;
  /**
   * Where the role counts. Default: everywhere, and for the installation as a whole.
   *
   * @minItems 1
   * @maxItems 1000
   */
  namespaces?: [Namespace, ...Namespace[]];
  when?: When;
}
/**
 * What must hold of the request, all of it.
 */
export interface When {
  time?: TimeTest;
  network?: NetworkTest;
  credential?: CredentialTest;
}
export interface Rule {
  /**
   * Unique in its policy; decisions are explained by it.
   */
  name: string;
  /**
   * What it does with those whom it fits.
   */
  effect: "allow" | "deny";
  actions: Actions;
  fields?: Fields;
  subjects?: Subjects1;
  where?: Where;
  when?: When;
}
export interface Limit {
  /**
   * Unique in its policy; refusals are explained by it.
   */
  name: string;
  subjects?: Subjects2;
  where?: Where1;
  /**
   * Whether all whom it is about, at all deployments that it is about, have one allowance. Default: each has one of their own at each deployment.
   */
  shared?: boolean;
  requests?: Allowance;
  bytes?: Allowance1;
  /**
   * Inference requests in work at once.
   */
  concurrent?: number;
}
/**
 * What the attributes of the resource must be, all of them: a value, several of which it must be one, or a test. Without an attribute nothing holds in permissions but `exists: false`, and in denials `not` holds.
 */
export interface Where1 {
  [k: string]: AttributeTest;
}
/**
 * Inference requests.
 */
export interface Allowance {
  /**
   * So many in each period, and at most so many at once.
   */
  count: number;
  /**
   * The period. An allowance that was used comes back evenly over it.
   */
  per: "second" | "minute" | "hour" | "day";
}
/**
 * Bytes of inference requests as they come: of tensors, and of what is around them.
 */
export interface Allowance1 {
  /**
   * So many in each period, and at most so many at once.
   */
  count: number;
  /**
   * The period. An allowance that was used comes back evenly over it.
   */
  per: "second" | "minute" | "hour" | "day";
}
