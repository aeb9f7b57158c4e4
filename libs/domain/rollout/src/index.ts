export { applyAction } from './apply-action.ts';
export {
  type Action,
  decide,
  describeStep,
  type Readiness,
  type Resolution,
  type RolloutCommand,
  type RolloutSnapshot,
  segmentsOf,
} from './decide.ts';
export {
  type AliasedSpec,
  type DeploymentSpec,
  type DesiredDeployment,
  type ErrorRateGate,
  MAX_PINNED_VERSIONS,
  NO_VERSION,
  type RolloutPlan,
  type RolloutStep,
  type VersionPolicy,
} from './deployment-spec.ts';
export { type ErrorSegment, logEvidenceAgainstRate, logEvidenceAgainstStable } from './e-process.ts';
export {
  type GateEvidence,
  type GateObservation,
  type GateVerdict,
  judgeErrorRate,
  NO_TRAFFIC,
  type TrafficCounts,
} from './gate.ts';
export {
  type Candidate,
  INITIAL_STATE,
  MAX_REJECTED,
  type RolloutOutcome,
  type RolloutRecord,
  type RolloutState,
  type ServableVersion,
  type VersionInUse,
} from './rollout-state.ts';
