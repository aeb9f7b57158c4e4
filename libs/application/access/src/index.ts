export type {
  Ability,
  AccessDecision,
  Circumstances,
  CompiledPolicies,
  CompilePolicies,
  ListFilter,
} from './ability.ts';
export { AccessControl, type AccessControlParts, ASKS_NOBODY, OPEN_ACCESS } from './access-control.ts';
export type {
  AccessDocuments,
  AccessMemory,
  AccessSource,
  PolicyFile,
  PolicyPublisher,
  PublishedPolicies,
} from './access-documents.ts';
export { ADMINISTRATOR_RULE, administratorKey, RESERVED_PREFIX } from './administrator.ts';
export { type ApiKeyRecord, type ApiKeyStore, formatApiKey, type KeyOwner } from './api-key.ts';
export {
  Authenticator,
  type AuthenticatorParts,
  type ClientCertificate,
  type Presented,
  type RefusedCredential,
  type TokenVerifier,
} from './authenticator.ts';
export { CallLimits, FREE_PASS, type LimitedCall, type Pass } from './call-limits.ts';
export { Caller, type CallerParts, type Denial } from './caller.ts';
export { type AuditedChange, type ChangeAudit, NO_AUDIT } from './change-audit.ts';
export { type Access, type AccessEvents, type AccessParts, composeAccess } from './compose-access.ts';
export type { Decision, DecisionLog, RecordedDecision } from './decision.ts';
export { DecisionRecorder } from './decision-recorder.ts';
export {
  type DecisionChange,
  type DryRunParts,
  dryRunPolicies,
  type Outcome,
  type PolicyDryRun,
  readActionOf,
} from './dry-run-policies.ts';
export {
  type AccessAnswer,
  type AccessQuestion,
  answerInWords,
  ExplainAccess,
  type IsInNetwork,
} from './explain-access.ts';
export { FollowAccess, type FollowAccessParts, NO_POLICIES } from './follow-access.ts';
export { KeepDecisions, type KeepDecisionsParts } from './keep-decisions.ts';
export { type KeyRequest, ManageKeys, type ManageKeysParts, type NewApiKey } from './manage-keys.ts';
export { PoliciesInForce, type PolicyRevision, type PolicyStatus } from './policies-in-force.ts';
export type { ParsedPolicy, PolicyParser } from './policy-parser.ts';
export { PublishPolicies, type PublishPoliciesParts, type RepositoryState } from './publish-policies.ts';
export { type Repeats, StandingRefusals } from './standing-refusals.ts';
