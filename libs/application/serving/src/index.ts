export {
  type InferenceObservation,
  InferencePipeline,
  type InferenceRequest,
  type InferenceResult,
  type PipelineParts,
} from './inference-pipeline.ts';
export type { ArtifactSource, HostedModel, ModelHost, ModelToHost } from './model-host.ts';
export { type ModelProfile, UNBATCHED_PROFILE } from './model-profile.ts';
export {
  type BatchStatistics,
  type CountedExecution,
  type CountedInference,
  type DurationStatistic,
  ModelStatistics,
  type VersionStatistics,
} from './model-statistics.ts';
export { ServingSet, type VersionReport } from './serving-set.ts';
export type {
  DesiredRoute,
  ServedFile,
  ServedVariant,
  ServedVersion,
  ServingSnapshot,
} from './serving-snapshot.ts';
export { type TrafficKey, TrafficLedger, type TrafficTotals } from './traffic-ledger.ts';
export { type SlotParts, type SlotState, VersionSlot } from './version-slot.ts';
