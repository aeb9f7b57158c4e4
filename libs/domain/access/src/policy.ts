import type { AttributeTest, Effect } from './attribute-test.ts';
import type { EnvironmentTest } from './environment.ts';
import type { Limit } from './limit.ts';
import type { RuleSubject } from './rule.ts';

/** What a role allows. */
export interface Grant {
  /** Names of actions, `version.*` or `*`. */
  readonly actions: readonly string[];
  readonly fields?: readonly string[];
  readonly where: readonly AttributeTest[];
}

/** A named set of grants. */
export interface Role {
  readonly name: string;
  /** Roles whose grants it has, too. */
  readonly extends: readonly string[];
  readonly grants: readonly Grant[];
}

/** Who has a role, and where. */
export interface Binding {
  readonly role: string;
  readonly subjects: readonly RuleSubject[];
  /** Absent: everywhere. A grant on the server as a whole counts only then. */
  readonly namespaces?: readonly string[];
  readonly when: readonly EnvironmentTest[];
}

/** A rule by itself, by attributes. */
export interface PolicyRule extends Grant {
  readonly name: string;
  readonly effect: Effect;
  readonly subjects: readonly RuleSubject[];
  readonly when: readonly EnvironmentTest[];
}

/** A limit as its policy has it. */
export interface PolicyLimit extends Omit<Limit, 'id'> {
  readonly name: string;
}

/** One document of policy. All that are in force count together; their roles can be used in each other. */
export interface Policy {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly bindings: readonly Binding[];
  readonly rules: readonly PolicyRule[];
  /** Absent: none. */
  readonly limits?: readonly PolicyLimit[];
}

/** Something wrong with a policy, at a path such as `spec.bindings[2].role`. */
export interface PolicyProblem {
  readonly policy: string;
  readonly path: string;
  readonly message: string;
}
