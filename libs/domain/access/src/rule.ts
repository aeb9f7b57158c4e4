import type { ActionName } from './actions.ts';
import type { AttributeTest, Effect } from './attribute-test.ts';
import type { EnvironmentTest } from './environment.ts';
import type { Principal } from './principal.ts';

/** Those whom a rule is about. */
export type RuleSubject =
  | { readonly kind: 'user' | 'workload' | 'group'; readonly name: string }
  /** All who have said who they are. */
  | { readonly kind: 'authenticated' }
  /** Really everybody. */
  | { readonly kind: 'everyone' };

/**
 * A piece of a policy, with nothing left to look up: who may do what, or may not, to which resources and under which circumstances.
 *
 * A denying rule that fits is stronger than every allowing one, and what no rule allows is denied.
 */
export interface Rule {
  /** Where it stands, such as `vision-team/bindings[0]: publisher`; for people. */
  readonly id: string;
  readonly effect: Effect;
  readonly subjects: readonly RuleSubject[];
  readonly actions: readonly ActionName[];
  /** The parts of the actions that it is about; absent: the whole. */
  readonly fields?: readonly string[];
  /** All must hold. */
  readonly where: readonly AttributeTest[];
  /** All must hold. */
  readonly when: readonly EnvironmentTest[];
}

/** Whether a rule is about a principal. */
export function isAbout({ subjects }: Pick<Rule, 'subjects'>, principal: Principal): boolean {
  return subjects.some((subject) => isOne(subject, principal));
}

function isOne(subject: RuleSubject, { kind, id, groups }: Principal): boolean {
  switch (subject.kind) {
    case 'everyone':
      return true;
    case 'authenticated':
      return kind !== 'anonymous';
    case 'group':
      return groups.includes(subject.name);
    case 'user':
    case 'workload':
      return kind === subject.kind && id === subject.name;
  }
}
