export { applyAction } from './apply-action.ts';
export { buildName } from './build-name.ts';
export {
  type Action,
  type Dependency,
  decide,
  type Readiness,
  type Resolution,
  type RolloutCommand,
  type RolloutSnapshot,
  verdictsOn,
} from './decide.ts';
export { dependencyCircle } from './dependency-circle.ts';
export {
  type AliasedSpec,
  type BlastRadius,
  type DeploymentSpec,
  type DesiredDeployment,
  MAX_PINNED_VERSIONS,
  NO_VERSION,
  PERSON_PROMOTES,
  type RolloutPlan,
  type RolloutStep,
  type RolloutStrategy,
  type VersionPolicy,
} from './deployment-spec.ts';
export { describeStep } from './describe-step.ts';
export { durationInWords } from './duration-in-words.ts';
export {
  type ErrorSegment,
  logEvidenceAgainstRate,
  logEvidenceAgainstStable,
  logEvidenceForRate,
} from './e-process.ts';
export { type GateObservation, judgeErrorRate } from './gate.ts';
export type { EventCounts, GateEvidence, GateVerdict, JudgedCounts, NamedVerdict } from './gate-verdict.ts';
export {
  type AgreementGate,
  type AskedGate,
  type ConstantOutputsGate,
  type ErrorRateGate,
  type ExternalReading,
  gateKeys,
  type HttpGate,
  isAsked,
  type LatencyGate,
  type NonFiniteGate,
  type OutputDriftGate,
  type PluginGate,
  type PrometheusGate,
  QUERY_PLACEHOLDERS,
  type RolloutGate,
  type StatisticalGate,
} from './gates.ts';
export { BREAKER_SHARE } from './judge-gates.ts';
export { judgeReadings } from './judge-readings.ts';
export { type NamedVersion, namedVersion, shownVersion } from './named-version.ts';
export { rejectionOf } from './rejection.ts';
export {
  type Candidate,
  INITIAL_STATE,
  MAX_REMEMBERED,
  type RejectedVersion,
  type RolloutOutcome,
  type RolloutRecord,
  type RolloutState,
  type ServableVersion,
  type VersionInUse,
} from './rollout-state.ts';
export { versionIdentity } from './version-identity.ts';
