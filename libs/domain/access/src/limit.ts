import type { Allowance } from './allowance.ts';
import { type AttributeTest, bindTest, passes } from './attribute-test.ts';
import type { Principal } from './principal.ts';
import type { Resource } from './resource.ts';
import { isAbout, type RuleSubject } from './rule.ts';

/** How much those who may infer can ask for. */
export interface Limit {
  /** Where it stands, such as `team/limits[0]: contractors`; for people. */
  readonly id: string;
  readonly subjects: readonly RuleSubject[];
  /** Of the deployment; all must hold. */
  readonly where: readonly AttributeTest[];
  /** Whether all whom it is about have one allowance; otherwise each has one of their own at each deployment. */
  readonly isShared: boolean;
  /** Absent: any number. */
  readonly requests?: Allowance;
  /** Absent: any number. */
  readonly bytes?: Allowance;
  /** Requests in work at once; absent: any number. */
  readonly concurrent?: number;
}

/** The limits that hold for somebody at a deployment. As in denials, what is missing never helps the one who asks. */
export function limitsFor(limits: readonly Limit[], principal: Principal, deployment: Resource): readonly Limit[] {
  return limits.filter(
    (limit) =>
      isAbout(limit, principal) &&
      limit.where.every((test) => passes(deployment, bindTest(test, principal, 'deny'), 'deny')),
  );
}
