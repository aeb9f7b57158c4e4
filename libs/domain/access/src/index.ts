export {
  ACTION_NAMES,
  ACTIONS,
  type ActionMeaning,
  type ActionName,
  actionsMatching,
  fieldsOfAction,
  resourceKindOf,
} from './actions.ts';
export { type Allowance, type Spending, spend } from './allowance.ts';
export {
  type AttributeTest,
  type BoundTest,
  bindTest,
  type Comparand,
  type Effect,
  passes,
} from './attribute-test.ts';
export { BUILT_IN_ROLES } from './built-in-roles.ts';
export { clientAddress, type Forwarding, MAX_PROXIES, type TrustedProxies } from './client-address.ts';
export { closestWord } from './closest-word.ts';
export { covers } from './covers.ts';
export { type Environment, type EnvironmentTest, holds } from './environment.ts';
export { type AccessRequest, type Judgement, judge, type Miss, outsideOfScope, type Trial } from './judge.ts';
export { type Limit, limitsFor } from './limit.ts';
export { parseAction, parseActionField, parseActionPattern, parseResource } from './parse-question.ts';
export { type Permission, type PermissionsRequest, permissionsOf } from './permissions.ts';
export type { Binding, Grant, Policy, PolicyLimit, PolicyProblem, PolicyRule, Role } from './policy.ts';
export {
  ANONYMOUS_PRINCIPAL,
  CREDENTIALS,
  type Credential,
  type KeyScope,
  type Principal,
  type PrincipalKind,
} from './principal.ts';
export { principalInWords } from './principal-in-words.ts';
export { type ResolvedPolicies, resolvePolicies } from './resolve-policies.ts';
export {
  type AttributeValue,
  hasAttribute,
  RESOURCE_ATTRIBUTES,
  type Resource,
  type ResourceKind,
  resource,
  SERVER,
} from './resource.ts';
export { resourceInWords } from './resource-in-words.ts';
export { isAbout, type Rule, type RuleSubject } from './rule.ts';
export { seenFirst } from './seen-first.ts';
