export type {
  Ability,
  AccessDecision,
  Circumstances,
  CompiledPolicies,
  CompilePolicies,
  ListFilter,
} from './ability.ts';
export { type ApiKeyRecord, type ApiKeyStore, formatApiKey, type KeyOwner } from './api-key.ts';
export {
  Authenticator,
  type AuthenticatorParts,
  type ClientCertificate,
  type Presented,
  type TokenVerifier,
} from './authenticator.ts';
export { type KeyRequest, ManageKeys, type ManageKeysParts, type NewApiKey } from './manage-keys.ts';
export { PoliciesInForce, type PolicyRevision, type PolicyStatus } from './policies-in-force.ts';
export type { ParsedPolicy, PolicyParser } from './policy-parser.ts';
