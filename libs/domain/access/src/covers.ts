import type { ActionName } from './actions.ts';
import { type BoundTest, bindTest } from './attribute-test.ts';
import type { EnvironmentTest } from './environment.ts';
import type { Principal } from './principal.ts';
import { isAbout, type Rule } from './rule.ts';

/**
 * Whether whatever one principal may do, another may do, too; so that the other can act in the first one's name without gaining anything.
 *
 * It errs on the side of no: permissions are compared as they are written. Every permission of the first must be within one of the other's,
 * and every denial of the other must be one of the first's as well.
 */
export function covers(rules: readonly Rule[], holder: Principal, other: Principal): boolean {
  const ofHolder = rules.filter((rule) => isAbout(rule, holder));
  const allowed = ofHolder.filter(({ effect }) => effect === 'allow');
  const denied = ofHolder.filter(({ effect }) => effect === 'deny');
  return rules
    .filter((rule) => rule.effect === 'allow' && isAbout(rule, other))
    .every((wanted) =>
      wanted.actions.every(
        (action) =>
          allowed.some((held) => isWithin(wanted, other, held, holder, action)) &&
          denied.every((denial) => !denial.actions.includes(action) || deniesBoth(denial, holder, other)),
      ),
    );
}

function isWithin(wanted: Rule, other: Principal, held: Rule, holder: Principal, action: ActionName): boolean {
  if (!held.actions.includes(action)) return false;
  if (
    held.fields !== undefined &&
    !(wanted.fields ?? [undefined]).every((field) => field !== undefined && held.fields?.includes(field))
  ) {
    return false;
  }
  const given = wanted.where.map((test) => bindTest(test, other, 'allow'));
  const asked = held.where.map((test) => bindTest(test, holder, 'allow'));
  if (given.some(({ operator }) => operator === 'never')) return true;
  return (
    asked.every((test) => given.some((condition) => implies(condition, test))) &&
    held.when.every((test) => wanted.when.some((condition) => isSame(condition, test)))
  );
}

/** A denial that is the same for both holds neither back more than the other. */
function deniesBoth(denial: Rule, holder: Principal, other: Principal): boolean {
  if (!isAbout(denial, other)) return false;
  const boundTo = (principal: Principal) => denial.where.map((test) => bindTest(test, principal, 'deny'));
  return isSame(boundTo(holder), boundTo(other));
}

function implies(condition: BoundTest, test: BoundTest): boolean {
  if (test.operator === 'always' || isSame(condition, test)) return true;
  if (condition.operator === 'in' && test.operator === 'in' && condition.attribute === test.attribute) {
    return condition.values.every((value) => test.values.includes(value));
  }
  return false;
}

function isSame(left: BoundTest | EnvironmentTest | readonly BoundTest[], right: typeof left): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
