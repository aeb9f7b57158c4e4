export type { InferenceCall, InferenceRun, InferenceRunner, SequencePlace } from './inference-call.ts';
export {
  type InferenceObservation,
  InferencePipeline,
  type InferenceRequest,
  type InferenceResult,
  type PipelineParts,
} from './inference-pipeline.ts';
export { type Evictable, leastRecentlyUsed, totalBytes } from './least-recently-used.ts';
export { type MemoryLimits, NO_MEMORY_LIMIT } from './memory-budget.ts';
export type { ArtifactSource, HostedModel, ModelHost, ModelToHost } from './model-host.ts';
export {
  MAX_RECORDED_REQUESTS,
  type RecordedRequest,
  type RecordedRequests,
  recordedFiles,
} from './recorded-requests.ts';
export { ServingSet, type VersionReport } from './serving-set.ts';
export type {
  DesiredRoute,
  ServedFile,
  ServedVariant,
  ServedVersion,
  ServingSnapshot,
} from './serving-snapshot.ts';
export { type TrafficKey, TrafficLedger, type TrafficTotals } from './traffic-ledger.ts';
export {
  type MemoryEvent,
  type SlotContent,
  type SlotOwner,
  type SlotParts,
  type SlotState,
  VersionSlot,
} from './version-slot.ts';
