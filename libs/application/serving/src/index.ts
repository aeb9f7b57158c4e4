export { AdaptiveLimit, type AdaptiveLimitOptions } from './adaptive-limit.ts';
export { BatchScheduler, type SchedulerOptions, type SchedulerParts } from './batch-scheduler.ts';
export { CachedRunner, type CacheProfile } from './cached-runner.ts';
export type { Fingerprint } from './call-key.ts';
export { type ComposedRunner, type ComposeParts, composeRunner } from './compose-runner.ts';
export { type EnsembleParts, EnsembleRunner, type MemberCall } from './ensemble-runner.ts';
export { EnsembleSlot, type LookUpMember, type Member } from './ensemble-slot.ts';
export type { EnsembleSetParts } from './ensemble-slots.ts';
export type { EnsembleStepRun, InferenceCall, InferenceRun, InferenceRunner, SequencePlace } from './inference-call.ts';
export {
  type InferenceObservation,
  type InferenceObserver,
  type InferenceOutcome,
  InferencePipeline,
  type InferenceRequest,
  type InferenceResult,
  type PipelineParts,
} from './inference-pipeline.ts';
export { type Evictable, leastRecentlyUsed, totalBytes } from './least-recently-used.ts';
export { type MemoryLimits, NO_MEMORY_LIMIT } from './memory-budget.ts';
export type {
  ArtifactSource,
  HostedModel,
  JoinedTensor,
  LoadProfile,
  ModelHost,
  ModelToHost,
  RunAnswer,
  RunRequest,
} from './model-host.ts';
export { type ModelProfile, UNBATCHED_PROFILE } from './model-profile.ts';
export {
  type BatchStatistics,
  type CountedExecution,
  type CountedInference,
  type CountedRun,
  type DurationStatistic,
  ModelStatistics,
  type VersionStatistics,
} from './model-statistics.ts';
export type { AllowedOperators, OperatorLibrary } from './operator-libraries.ts';
export type { LoggedInference, PayloadLog } from './payload-log.ts';
export {
  MAX_RECORDED_REQUESTS,
  type RecordedRequest,
  type RecordedRequests,
  recordedFiles,
} from './recorded-requests.ts';
export type { MirrorObservation, MirrorOutcome, MirrorParts } from './request-mirror.ts';
export type { RoutedSlot } from './routed-slot.ts';
export type { DeviceReport, RuntimeInventory, RuntimeReport, TargetReport } from './runtime-inventory.ts';
export { type PickedRequest, pickForSequence, type SequenceHolder } from './sequence-affinity.ts';
export { ServingSet, type VersionReport } from './serving-set.ts';
export type {
  DesiredRoute,
  ServedFile,
  ServedVariant,
  ServedVersion,
  ServingSnapshot,
} from './serving-snapshot.ts';
export type { SlotState } from './slot-state.ts';
export {
  reportStages,
  STAGES,
  type Stage,
  type StageReport,
  type StageTotals,
} from './stage-report.ts';
export type { FindProcessor, ProcessedCall, ProcessingStage, TensorProcessor } from './tensor-processor.ts';
export type { Timing } from './timing.ts';
export { type CountedRoute, type LedgerListener, TrafficLedger } from './traffic-ledger.ts';
export { MirrorTally, OutputTally, type TrafficKey, TrafficTally } from './traffic-tally.ts';
export type { VersionProfile } from './version-profile.ts';
export {
  type MemoryEvent,
  type SlotContent,
  type SlotOptions,
  type SlotOwner,
  type SlotParts,
  VersionSlot,
} from './version-slot.ts';
