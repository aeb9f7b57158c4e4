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
  type BlastRadius,
  MAX_PINNED_VERSIONS,
  NO_VERSION,
  PERSON_PROMOTES,
  type RolloutPlan,
  type RolloutStep,
  type RolloutStrategy,
  type VersionPolicy,
} from './deployment-spec.ts';
export { type ErrorSegment, logEvidenceAgainstRate, logEvidenceAgainstStable } from './e-process.ts';
export { type FreezeWindow, isFrozen, type Weekday } from './freeze-window.ts';
export {
  type GateEvidence,
  type GateObservation,
  type GateVerdict,
  judgeErrorRate,
} from './gate.ts';
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
  type PrometheusGate,
  type RolloutGate,
  type StatisticalGate,
} from './gates.ts';
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
