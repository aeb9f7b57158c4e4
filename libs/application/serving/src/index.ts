export { AdaptiveLimit, type AdaptiveLimitOptions } from './adaptive-limit.ts';
export { BatchScheduler, type SchedulerOptions, type SchedulerParts } from './batch-scheduler.ts';
export type { InferenceCall, InferenceRun, InferenceRunner, SequencePlace } from './inference-call.ts';
export {
  type InferenceObservation,
  type InferenceObserver,
  type InferenceOutcome,
  InferencePipeline,
  type InferenceRequest,
  type InferenceResult,
  type PipelineParts,
} from './inference-pipeline.ts';
export type {
  ArtifactSource,
  HostedModel,
  JoinedTensor,
  ModelHost,
  ModelProfile,
  ModelToHost,
  RunAnswer,
  RunRequest,
} from './model-host.ts';
export type { LoggedInference, PayloadLog } from './payload-log.ts';
export { ServingSet, type VersionReport } from './serving-set.ts';
export type {
  DesiredRoute,
  ServedFile,
  ServedVariant,
  ServedVersion,
  ServingSnapshot,
} from './serving-snapshot.ts';
export {
  reportStages,
  STAGES,
  type Stage,
  type StageReport,
  type StageTotals,
} from './stage-report.ts';
export { type TrafficKey, TrafficLedger, type TrafficTotals } from './traffic-ledger.ts';
export { type SlotOptions, type SlotParts, type SlotState, type VersionProfile, VersionSlot } from './version-slot.ts';
